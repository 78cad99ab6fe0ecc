/** Header cards: the types, and reading 80-character records into them (FITS 4.0 §4.1, §4.2). */

export interface Complex {
  re: number;
  im: number;
}

/** `null` is FITS's undefined value: a value indicator with nothing after it. */
export type Value = string | number | bigint | boolean | null | Complex;

export interface Card {
  /** Upper case; a HIERARCH keyword without its prefix ("ESO DET DIT"). */
  keyword: string;
  /** Absent: a commentary card, whose text is `comment`. */
  value?: Value;
  comment?: string;
  /** How the number stood in the file, where it isn't how we would write it; kept while it still means `value`. */
  text?: string;
}

/** One thing that isn't as the standard wants it, read all the same. */
export interface Deviation {
  /** Record number in the header, from 1; null for what concerns the whole file. */
  card: number | null;
  message: string;
}

export const cardLength = 80;

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][+-]?\d+)?$/;
const integer = /^[+-]?\d+$/;
const commentary = new Set(["COMMENT", "HISTORY", ""]);

/** A number as FITS writes it (D exponents too), or undefined. Integers beyond 2⁵³ become bigint. */
export function parseNumber(text: string): number | bigint | undefined {
  if (!number.test(text)) return undefined;
  const value = Number(text.replace(/[Dd]/, "E"));
  if (integer.test(text) && !Number.isSafeInteger(value)) return BigInt(text.replace(/^\+/, ""));
  return value;
}

interface Parsed {
  value: Value;
  comment?: string;
  text?: string;
}

function withComment<T extends Parsed>(parsed: T, rest: string, deviate: (message: string) => void): T {
  const tail = rest.trim();
  if (tail === "") return parsed;
  if (!tail.startsWith("/")) {
    deviate(`text after the value without "/": ${tail}`);
    return { ...parsed, comment: tail };
  }
  const comment = tail.slice(1).trim();
  return comment === "" ? parsed : { ...parsed, comment };
}

/** The quoted string at the start of `text`, doubled quotes undone, and what follows it. */
function parseQuoted(text: string): { value: string; rest: string; closed: boolean } {
  let value = "";
  let from = 1;
  for (;;) {
    const quote = text.indexOf("'", from);
    if (quote < 0) return { value: value + text.slice(from), rest: "", closed: false };
    value += text.slice(from, quote);
    if (text[quote + 1] !== "'") return { value, rest: text.slice(quote + 1), closed: true };
    value += "'";
    from = quote + 2;
  }
}

/** Reads the value field of a card (from column 11) and its comment. Never throws; deviations are reported. */
export function parseValue(field: string, deviate: (message: string) => void = () => undefined): Parsed {
  const text = field.trimStart();
  if (text.startsWith("'")) {
    const { value, rest, closed } = parseQuoted(text);
    if (!closed) deviate("string without closing quote");
    return withComment({ value: value.trimEnd() }, rest, deviate);
  }
  if (text.startsWith("(")) {
    const end = text.indexOf(")");
    const parts = end < 0 ? [] : text.slice(1, end).split(",");
    const [re, im] = parts.map((part) => parseNumber(part.trim()));
    if (parts.length === 2 && re !== undefined && im !== undefined) {
      return withComment({ value: { re: Number(re), im: Number(im) } }, text.slice(end + 1), deviate);
    }
  }
  const slash = text.indexOf("/");
  const token = (slash < 0 ? text : text.slice(0, slash)).trim();
  const rest = slash < 0 ? "" : text.slice(slash);
  if (token === "") return withComment({ value: null }, rest, deviate);
  if (token === "T" || token === "F") return withComment({ value: token === "T" }, rest, deviate);
  const value = parseNumber(token);
  if (value !== undefined) return withComment({ value, text: token }, rest, deviate);
  // "T          text without slash" and "1.0   text": the first word is the value if it can be one.
  const word = /^(\S+)\s+(.*)$/.exec(token);
  if (word) {
    const first = word[1]!;
    const head: Value | undefined = first === "T" ? true : first === "F" ? false : parseNumber(first);
    if (head !== undefined) {
      deviate(`text after the value without "/": ${word[2]!}`);
      const comment = (word[2]! + (slash < 0 ? "" : " " + rest)).trim();
      return { value: head, comment, ...(typeof head === "boolean" ? {} : { text: first }) };
    }
  }
  deviate(`value is neither number, string nor logical: ${token}`);
  return withComment({ value: token }, rest, deviate);
}

/** A record as the keyword, and the value field or the text that follows. */
interface Split {
  keyword: string;
  field: string;
  hasValue: boolean;
}

function splitRecord(record: string, deviate: (message: string) => void): Split {
  const raw = record.slice(0, 8).trimEnd();
  const keyword = raw.toUpperCase();
  if (commentary.has(keyword)) return { keyword, field: record.slice(8), hasValue: false };
  if (keyword === "HIERARCH") {
    const equals = record.indexOf("=");
    const name = equals < 0 ? "" : record.slice(9, equals).trim().toUpperCase();
    if (name !== "") return { keyword: name, field: record.slice(equals + 1), hasValue: true };
    return { keyword, field: record.slice(8), hasValue: false };
  }
  if (!/^[A-Z0-9_-]*$/.test(raw))
    deviate(`keyword ${JSON.stringify(raw)} has characters outside A–Z, 0–9, - and _`);
  if (record[8] === "=") {
    if (record[9] !== " " && record[9] !== undefined) deviate(`${keyword}: no blank after "="`);
    return { keyword: keyword.trim(), field: record.slice(9), hasValue: true };
  }
  return { keyword, field: record.slice(8), hasValue: false };
}

/**
 * Reads records (80 characters each, END not among them) into cards; CONTINUE records are joined to the string
 * before them (§4.2.1.2).
 */
export function parseRecords(records: readonly string[], deviations: Deviation[] = []): Card[] {
  const cards: Card[] = [];
  let open: Card | null = null;
  records.forEach((record, index) => {
    const deviate = (message: string): void => {
      deviations.push({ card: index + 1, message });
    };
    if (open && record.startsWith("CONTINUE  ")) {
      const text = record.slice(10).trimStart();
      const parsed = text.startsWith("'") ? parseValue(text, deviate) : null;
      if (parsed && typeof parsed.value === "string") {
        const more = parsed.value.endsWith("&");
        open.value = String(open.value).slice(0, -1) + parsed.value;
        if (parsed.comment !== undefined) {
          open.comment = open.comment === undefined ? parsed.comment : `${open.comment} ${parsed.comment}`;
        }
        if (!more) open = null;
        return;
      }
    }
    open = null;
    const { keyword, field, hasValue } = splitRecord(record, deviate);
    if (!hasValue) {
      const comment = keyword === "CONTINUE" ? field : field.trimEnd();
      cards.push(comment.trim() === "" ? { keyword } : { keyword, comment: comment.trimEnd() });
      return;
    }
    const { value, comment, text } = parseValue(field, deviate);
    const card: Card = { keyword, value };
    if (comment !== undefined) card.comment = comment;
    if (text !== undefined && text !== formatNumber(value as number | bigint)) card.text = text;
    cards.push(card);
    if (typeof value === "string" && value.endsWith("&")) open = card;
  });
  return cards;
}

/** Shortest text that reads back as the same number: 1500, 0.25, 1.5E-07, -0.0. */
export function formatNumber(value: number | bigint): string {
  if (typeof value === "bigint") return value.toString();
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isSafeInteger(value)) return value.toString();
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  const plain = value.toString();
  if (!plain.includes("e") && plain.includes(".")) return plain;
  const power = Number(exponent);
  const digits = String(Math.abs(power)).padStart(2, "0");
  return `${mantissa.includes(".") ? mantissa : mantissa + ".0"}E${power < 0 ? "-" : "+"}${digits}`;
}
