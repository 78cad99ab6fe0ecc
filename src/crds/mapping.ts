/** A mapping file (pmap, imap, rmap) as data, and the reader of its text. */
import { isUtf8 } from "node:buffer";
import { RulesError } from "../errors.js";
import { getEntry, isCall, isDict, type Call, type Dict, type Entry, type Literal } from "./literal.js";
import { LiteralReader, type Note } from "./read-literal.js";

export type MappingKind = "pmap" | "imap" | "rmap";

export interface Mapping {
  /** Base name of the file. */
  readonly name: string;
  readonly kind: MappingKind;
  readonly header: Dict;
  readonly comment: string | null;
  readonly selector: Dict | Call;
  /** Line of `header`, for messages. */
  readonly line: number;
  /** What Python reads but the strict grammar doesn't know. */
  readonly notes: readonly Note[];
}

export const isMappingName = (name: string): boolean => /\.[pir]map$/.test(name);

export const observatoryOf = (name: string): string => /^[^_.]*/.exec(name)![0].toLowerCase();

/** Newlines as Python's text mode gives them; a byte-order mark and NUL are errors. */
export function decodeText(bytes: Uint8Array, name: string): string {
  if (!isUtf8(bytes)) throw new RulesError(`can't read the rules: ${name} — not UTF-8 text`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/**
 * Reads a mapping: `header`, optional `comment`, `selector`, in this order.
 *
 * @param text with LF line ends
 * @throws RulesError naming file, line and column
 */
export function parseMapping(text: string, name: string): Mapping {
  if (!isMappingName(name)) {
    throw new RulesError(`can't read the rules: ${name} — a mapping's name ends in .pmap, .imap or .rmap`);
  }
  const kind = name.slice(-4) as MappingKind;
  const reader: LiteralReader = new LiteralReader(text, name);
  const header = readSection(reader, "header");
  const line = reader.lineAt(reader.offset);
  let comment: string | null = null;
  let word = reader.readName();
  if (word === "comment") {
    reader.expect("=", "after comment");
    const value = reader.readValue();
    comment = typeof value === "string" ? value : reader.fail("comment must be a string");
    word = reader.readName();
  }
  if (word !== "selector") {
    reader.fail(word ? `expected the section selector, found "${word}"` : `the section selector is missing`);
  }
  reader.expect("=", "after selector");
  const selector = reader.readNode();
  if (!reader.atEnd()) reader.fail(`unexpected ${reader.found()} after the selector`);
  if (!isDict(selector) && !isCall(selector)) {
    return reader.fail("selector must be a dictionary or a selector call");
  }
  return { name, kind, header, comment, selector, line, notes: reader.notes };
}

function readSection(reader: LiteralReader, section: string): Dict {
  const word = reader.readName();
  if (word !== section) {
    const found = word ? `"${word}"` : reader.found();
    reader.fail(`a mapping starts with "${section} = {", found ${found}`);
  }
  reader.expect("=", `after ${section}`);
  const value = reader.readValue();
  if (!isDict(value)) reader.fail(`${section} must be a dictionary`);
  return value;
}

/** Raw header value; the last of repeated keys. */
export const rawHeader = (mapping: Mapping, key: string): Literal | undefined =>
  getEntry(mapping.header.entries, key);

/** Text of a header value in lower case, as the rules compare it; parenthesised expressions keep their case. */
export function headerText(mapping: Mapping, key: string): string | undefined {
  const value = rawHeader(mapping, key);
  if (typeof value !== "string") return undefined;
  return isExpression(value) ? value : value.toLowerCase();
}

export const isExpression = (text: string): boolean => text.startsWith("(") && text.endsWith(")");

/** `name, line N` of a header entry, for messages. */
export function placeOf(mapping: Mapping, key: string): string {
  const entry = mapping.header.entries.findLast((e) => e.key === key);
  return entry ? `${mapping.name}, line ${entry.line}` : mapping.name;
}

export interface Duplicate {
  /** Keys from the outside in. */
  readonly path: readonly Literal[];
  readonly line: number;
}

/** Exactly repeated keys of one dictionary: Python keeps the last, silently. */
export function findDuplicates(mapping: Mapping, keyText: (key: Literal) => string): Duplicate[] {
  const found: Duplicate[] = [];
  const visit = (entries: readonly Entry<Literal | Call>[], path: readonly Literal[]): void => {
    const seen = new Set<string>();
    for (const { key, value, line } of entries) {
      const text = keyText(key);
      if (seen.has(text)) found.push({ path: [...path, key], line });
      seen.add(text);
      if (isDict(value) || isCall(value)) visit(value.entries, [...path, key]);
    }
  };
  visit(mapping.header.entries, ["header"]);
  visit(mapping.selector.entries, ["selector"]);
  return found;
}
