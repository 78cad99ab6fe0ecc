/** The tables of an observatory that say which keywords its references have and which values are allowed: `.tpn` files. */
import { basename } from "node:path";
import { RulesError } from "../errors.js";

/** One line: what is asked of one keyword, column or array. */
export interface Constraint {
  /** Upper case. */
  readonly name: string;
  readonly of: "header" | "column" | "array" | "expression";
  /** C S text, I whole number, R D number, L logical, X expression. */
  readonly datatype: string;
  /** R P required, W wanted, E excluded, O optional, F S A by subarray, or a condition in parentheses. */
  readonly presence: string;
  /** Upper-case words, one `min:max`, one `&CHECK`, or one expression in parentheses; empty: anything. */
  readonly values: readonly string[];
  readonly file: string;
  readonly line: number;
}

const keyTypes: Readonly<Record<string, Constraint["of"]>> = {
  H: "header",
  G: "header",
  C: "column",
  A: "array",
  D: "array",
  X: "expression",
};

export const isCondition = (text: string): boolean => text.startsWith("(") && text.endsWith(")");

interface SourceLine {
  text: string;
  file: string;
  line: number;
}

/**
 * Reads a table with those that it includes.
 *
 * @param read text of a file beside this one; undefined when there is none
 * @throws RulesError naming file and line
 */
export function readTpn(file: string, read: (name: string) => string | undefined): Constraint[] {
  return logicalLines(file, read, new Map(), []).map(parseLine);
}

/** Lines without comments, joined at `\`, with `include` and `replace` carried out. */
function logicalLines(
  file: string,
  read: (name: string) => string | undefined,
  replacements: Map<string, string>,
  way: readonly string[],
): SourceLine[] {
  const text = read(file);
  const at = way.at(-1);
  if (text === undefined) throw new RulesError(`can't read the table ${file}${at ? `, named by ${at}` : ""}`);
  if (way.includes(file))
    throw new RulesError(`the table ${file} includes itself: ${[...way, file].join(" → ")}`);
  const lines: SourceLine[] = [];
  let open = false;
  for (const [i, raw] of text.split(/\r\n?|\n/).entries()) {
    let line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [word, first, second] = line.split(/\s+/);
    if (word === "include") {
      lines.push(...logicalLines(basename(first ?? ""), read, replacements, [...way, file]));
      continue;
    }
    if (word === "replace") {
      if (first === undefined || second === undefined)
        throw new RulesError(`can't read the table ${file}, line ${i + 1} — replace OLD NEW is wanted`);
      replacements.set(first, second);
      continue;
    }
    for (const [from, to] of replacements) line = line.replaceAll(from, to);
    const continues = line.endsWith("\\");
    if (continues) line = line.slice(0, -1).trimEnd();
    if (open) lines.at(-1)!.text += line;
    else lines.push({ text: line, file, line: i + 1 });
    open = continues;
  }
  return lines;
}

/** Fields between blanks; blanks inside quotes and parentheses belong to a field. */
function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  let field = "";
  let quoted = false;
  let depth = 0;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (!quoted && char === "(") depth++;
    if (!quoted && char === ")") depth--;
    if (/\s/.test(char) && !quoted && depth <= 0) {
      if (field !== "") fields.push(field);
      field = "";
    } else field += char;
  }
  return field === "" ? fields : [...fields, field];
}

const unquoted = (text: string): string => (/^".*"$/.test(text) ? text.slice(1, -1) : text);

function parseLine({ text, file, line }: SourceLine): Constraint {
  const [name, keyType, datatype, presence, ...rest] = fieldsOf(text);
  const of = keyTypes[(keyType ?? "")[0] ?? ""];
  if (!name || !of || !datatype || !presence) {
    throw new RulesError(
      `can't read the table ${file}, line ${line} — NAME KEYTYPE DATATYPE PRESENCE [VALUES] is wanted: ${text}`,
    );
  }
  const list = rest.join(" ");
  const values = datatype === "X" || isCondition(list) ? [list] : list.split(",");
  return {
    name: unquoted(name).toUpperCase(),
    of,
    datatype: datatype[0]!.toUpperCase(),
    presence: isCondition(presence) ? presence : presence[0]!.toUpperCase(),
    values: values
      .map((value) => unquoted(value.trim()))
      .filter((value) => value !== "")
      .map((value) => (isCondition(value) ? value : value.toUpperCase())),
    file,
    line,
  };
}
