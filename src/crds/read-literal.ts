/** Reader of the Python-literal subset: positions in every error, nothing is ever evaluated. */
import { RulesError } from "../errors.js";
import {
  selectorNames,
  type Call,
  type Dict,
  type Entry,
  type Literal,
  type SelectorName,
  type Sequence,
} from "./literal.js";

/** Text which Python reads but the strict grammar of mappings doesn't know: it is read too, and noted for `certify`. */
export interface Note {
  readonly line: number;
  readonly what: string;
}

const escapes: Record<string, string> = {
  "'": "'",
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Python's escapes beyond those of the strict grammar. */
const pythonEscape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([av\n]))/y;
const controls: Record<string, string> = { a: "\x07", v: "\v", "\n": "" };

/** Nesting deeper than any rule needs is refused, so that hostile text can't exhaust the stack. */
const maxDepth = 64;

const numberForm = /-?(?:0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?/y;
const nameForm = /[A-Za-z_][A-Za-z0-9_]*/y;

export class LiteralReader {
  private position = 0;
  private depth = 0;
  /** Lines are counted up to here. */
  private counted = 0;
  private line = 1;

  readonly notes: Note[] = [];

  /** `name` stands in error messages. */
  constructor(
    private readonly text: string,
    private readonly name: string,
  ) {}

  private note(what: string, position = this.position): void {
    this.notes.push({ line: this.lineAt(position), what });
  }

  /** Line of a position, counted from 1; cheap when positions come in order. */
  lineAt(position: number): number {
    if (position < this.counted) [this.counted, this.line] = [0, 1];
    for (let i = this.text.indexOf("\n", this.counted); i >= 0 && i < position;) {
      this.line++;
      this.counted = i + 1;
      i = this.text.indexOf("\n", this.counted);
    }
    return this.line;
  }

  fail(why: string, position = this.position): never {
    const line = this.lineAt(position);
    const column = position - this.text.lastIndexOf("\n", position - 1);
    throw new RulesError(`can't read the rules: ${this.name}, line ${line}, column ${column} — ${why}`);
  }

  /** Passes blanks and comments. */
  skip(): void {
    const text = this.text;
    for (;;) {
      const c = text.charCodeAt(this.position);
      if (c === 32 || c === 10 || c === 9 || c === 13) this.position++;
      else if (c === 12) {
        this.note("a form feed between tokens");
        this.position++;
      } else if (c === 35) {
        const end = text.indexOf("\n", this.position);
        this.position = end < 0 ? text.length : end;
      } else return;
    }
  }

  get offset(): number {
    return this.position;
  }

  atEnd(): boolean {
    this.skip();
    return this.position >= this.text.length;
  }

  /** Takes the symbol if it comes next. */
  take(symbol: string): boolean {
    this.skip();
    if (!this.text.startsWith(symbol, this.position)) return false;
    this.position += symbol.length;
    return true;
  }

  expect(symbol: string, where: string): void {
    if (!this.take(symbol)) this.fail(`expected "${symbol}" ${where}, found ${this.found()}`);
  }

  found(): string {
    if (this.position >= this.text.length) return "the end of the file";
    const word = this.match(nameForm, false);
    return word ? `"${word}"` : JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.position)!));
  }

  /** A word, or "" when none comes next. */
  readName(): string {
    this.skip();
    return this.match(nameForm, true);
  }

  private match(form: RegExp, advance: boolean): string {
    form.lastIndex = this.position;
    const found = form.exec(this.text);
    if (!found) return "";
    if (advance) this.position += found[0].length;
    return found[0];
  }

  /** One value; selectors only where the caller allows them. */
  readValue(): Literal {
    const value = this.readNode();
    if (typeof value === "object" && value?.kind === "call") this.fail(`a selector can't stand here`);
    return value as Literal;
  }

  readNode(): Literal | Call {
    this.skip();
    const c = this.text[this.position];
    if (c === "'" || c === '"') return this.readString();
    if (c === "(" || c === "[" || c === "{") return this.readNested(c);
    if (c === "-" || (c !== undefined && c >= "0" && c <= "9")) return this.readNumber();
    const start = this.position;
    const word = this.readName();
    if (word === "True") return true;
    if (word === "False") return false;
    if (word === "None") return null;
    if (word === "") this.fail(`expected a value, found ${this.found()}`);
    if (this.take("(")) return this.readCall(word, start);
    this.fail(`"${word}" isn't a value; strings need quotes`, start);
  }

  private readNested(open: string): Literal {
    if (++this.depth > maxDepth) this.fail(`nested deeper than ${maxDepth} levels`);
    const value = open === "{" ? this.readDict() : this.readSequence(open);
    this.depth--;
    return value;
  }

  readString(): string {
    const start = this.position;
    const quote = this.text[start]!;
    if (this.text.startsWith(quote.repeat(3), start)) return this.readTripleQuoted(quote.repeat(3));
    let out = "";
    for (let from = start + 1; ;) {
      let i = from;
      let c = this.text[i];
      while (c !== quote && c !== "\\" && c !== "\n" && c !== undefined) c = this.text[++i];
      out += this.text.slice(from, i);
      if (c === undefined || c === "\n") this.fail("the string isn't closed on its line", start);
      if (c === quote) {
        this.position = i + 1;
        break;
      }
      const escaped = escapes[this.text[i + 1] ?? ""];
      if (escaped === undefined) {
        const [character, length] = this.readPythonEscape(i);
        out += character;
        from = i + length;
      } else {
        out += escaped;
        from = i + 2;
      }
    }
    const end = this.position;
    this.skip();
    const next = this.text[this.position];
    if (next === "'" || next === '"') {
      this.note("strings side by side", start);
      return out + this.readString();
    }
    this.position = end;
    return out;
  }

  private readPythonEscape(at: number): [string, number] {
    pythonEscape.lastIndex = at;
    const found = pythonEscape.exec(this.text);
    if (!found) this.fail(`unknown escape "\\${this.text[at + 1] ?? ""}" in a string`, at);
    const [whole, x, u, long, octal, control] = found;
    const code = octal === undefined ? parseInt(x ?? u ?? long ?? "0", 16) : parseInt(octal, 8);
    if (code > 0x10ffff) this.fail(`no such character "${whole}"`, at);
    this.note(`the escape "${whole}"`, at);
    return [control === undefined ? String.fromCodePoint(code) : controls[control]!, whole.length];
  }

  private readTripleQuoted(quotes: string): string {
    const start = this.position;
    const end = this.text.indexOf(quotes, start + 3);
    if (end < 0) this.fail("the triple-quoted text isn't closed", start);
    this.position = end + 3;
    return this.text.slice(start + 3, end);
  }

  private readNumber(): bigint | number {
    const start = this.position;
    numberForm.lastIndex = start;
    const found = numberForm.exec(this.text);
    if (!found) this.fail("not a number", start);
    this.position += found[0].length;
    if (/[\w.]/.test(this.text[this.position] ?? "")) this.fail("not a decimal number", start);
    return found[1] === undefined && found[2] === undefined ? BigInt(found[0]) : Number(found[0]);
  }

  private readSequence(open: string): Literal {
    const start = this.position++;
    const close = open === "(" ? ")" : "]";
    const items: Literal[] = [];
    let commas = 0;
    while (!this.take(close)) {
      if (items.length > commas) this.fail(`expected "," or "${close}" after an item, found ${this.found()}`);
      if (this.atEnd()) this.fail(`"${open}" was never closed`, start);
      items.push(this.readValue());
      if (this.take(",")) commas++;
    }
    if (open === "[") this.note("a list", start);
    // (x) is x in Python, (x,) is a tuple
    if (open === "(" && items.length === 1 && commas === 0) return items[0]!;
    return { kind: open === "(" ? "tuple" : "list", items } satisfies Sequence;
  }

  private readDict(): Dict {
    const start = this.position++;
    return { kind: "dict", entries: this.readEntries(start, false) as readonly Entry<Literal>[] };
  }

  private readEntries(start: number, calls: boolean): Entry<Literal | Call>[] {
    const entries: Entry<Literal | Call>[] = [];
    while (!this.take("}")) {
      if (this.atEnd()) this.fail(`"{" was never closed`, start);
      const line = this.lineAt(this.position);
      const at = this.position;
      const key = this.readValue();
      if (!isHashable(key)) this.fail("a list or a dictionary can't be a key", at);
      this.expect(":", "after a key");
      const value = calls ? this.readNode() : this.readValue();
      entries.push({ key, value, line });
      if (this.take("}")) break;
      this.expect(",", `or "}" after an entry`);
    }
    return entries;
  }

  private readCall(word: string, start: number): Call {
    if (!(selectorNames as readonly string[]).includes(word)) {
      this.fail(`"${word}" isn't a selector; there are ${selectorNames.join(", ")}`, start);
    }
    if (++this.depth > maxDepth) this.fail(`nested deeper than ${maxDepth} levels`);
    const line = this.lineAt(start);
    this.skip();
    if (this.text[this.position] !== "{") this.fail(`${word} takes exactly one dictionary`);
    const entries = this.readEntries(this.position++, true);
    if (!this.take(")")) this.fail(`${word} takes exactly one dictionary, found ${this.found()} after it`);
    this.depth--;
    return { kind: "call", name: word as SelectorName, entries, line };
  }
}

const isHashable = (key: Literal): boolean =>
  typeof key !== "object" || key === null || (key.kind === "tuple" && key.items.every(isHashable));

/** Reads one Python literal, such as a `server_config`. */
export function parseLiteral(text: string, name: string): Literal {
  const reader = new LiteralReader(text, name);
  const value = reader.readValue();
  if (!reader.atEnd()) reader.fail(`unexpected ${reader.found()} after the value`);
  return value;
}
