/** The canonical text of a mapping, as rule edits write it: sorted, four blanks per level, with its checksum. */
import { mappingChecksum } from "./checksum.js";
import {
  isCall,
  isDict,
  isSequence,
  reprOf,
  textOf,
  type Call,
  type Dict,
  type Entry,
  type Literal,
} from "./literal.js";
import type { Mapping } from "./mapping.js";

/** Text of a mapping with the checksum it has; a mapping without `sha1sum` gets one. */
export function formatMapping(mapping: Mapping): string {
  const sum = mappingChecksum(layOut(mapping, ""));
  return layOut(mapping, sum);
}

function layOut(mapping: Mapping, sum: string): string {
  const entries = [
    ...mapping.header.entries.filter((e) => e.key !== "sha1sum"),
    { key: "sha1sum", value: sum, line: 0 },
  ];
  const header = `header = ${formatDict({ kind: "dict", entries }, 0)}\n\n`;
  const comment = mapping.comment === null ? "" : `comment = """${mapping.comment}"""\n\n`;
  const selector = isCall(mapping.selector)
    ? formatCall(mapping.selector, 0)
    : formatDict(mapping.selector, 0);
  return `${header}${comment}selector = ${selector}\n`;
}

const indent = (level: number): string => "    ".repeat(level);

function formatDict(dict: Dict, level: number): string {
  const lines = sortByKey(mergeRepeated(dict.entries), (key) => [textOf(key)]).map(({ key, value }) => {
    const text = isDict(value) ? formatDict(value, level + 1) : reprOf(value);
    return `${indent(level + 1)}${reprOf(key)} : ${text},\n`;
  });
  return `{\n${lines.join("")}${indent(level)}}`;
}

function formatCall(call: Call, level: number): string {
  const lines = sortByKey(mergeRepeated(call.entries), keyFields).map(({ key, value }) => {
    const text = isCall(value) ? formatCall(value, level + 1) : reprOf(value);
    return `${indent(level + 1)}${reprOf(key)} : ${text},\n`;
  });
  return `${call.name}({\n${lines.join("")}${indent(level)}})`;
}

const keyFields = (key: Literal): string[] => (isSequence(key) ? key.items.map(textOf) : [textOf(key)]);

/** Of equal keys Python keeps the first key with the last value: {1: "a", True: "b"} is {1: "b"}. */
export function mergeRepeated<V>(entries: readonly Entry<V>[]): readonly Entry<V>[] {
  if (entries.length < 2) return entries;
  const kept = new Map<string, Entry<V>>();
  for (const entry of entries) {
    const identity = keyIdentity(entry.key);
    kept.set(identity, { ...entry, key: kept.get(identity)?.key ?? entry.key });
  }
  return kept.size === entries.length ? entries : [...kept.values()];
}

/** Equal for keys which Python holds equal: 1, 1.0 and True are one key. */
export function keyIdentity(key: Literal): string {
  if (typeof key === "string") return `s${key}`;
  if (key === null) return "None";
  if (typeof key !== "object") return `n${Number(key)}`;
  if (key.kind === "dict") return reprOf(key);
  return `(${key.items.map(keyIdentity).join("\0")})`;
}

function sortByKey<V>(entries: readonly Entry<V>[], fields: (key: Literal) => string[]): Entry<V>[] {
  const sorted = entries.map((entry) => ({ entry, fields: fields(entry.key) }));
  sorted.sort((a, b) => compareFields(a.fields, b.fields));
  return sorted.map(({ entry }) => entry);
}

/** Tuples of texts in code-point order. */
export function compareFields(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareText(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Code-point order, which differs from UTF-16 order above U+FFFF only. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogates = x >= 0xd800 && y >= 0xd800;
    return surrogates ? a.codePointAt(i)! - b.codePointAt(i)! || x - y : x - y;
  }
  return a.length - b.length;
}
