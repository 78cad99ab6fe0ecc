/** Values of the Python-literal subset in which CRDS rules and server configurations are written. */

/** Python int ↔ bigint, float ↔ number, None ↔ null; the order and repetition of dictionary entries is kept. */
export type Literal = string | bigint | number | boolean | null | Sequence | Dict;

export interface Sequence {
  readonly kind: "tuple" | "list";
  readonly items: readonly Literal[];
}

export interface Dict {
  readonly kind: "dict";
  readonly entries: readonly Entry<Literal>[];
}

/** A selector of an rmap: `Name({ key : value, … })`. */
export interface Call {
  readonly kind: "call";
  readonly name: SelectorName;
  readonly entries: readonly Entry<Literal | Call>[];
  readonly line: number;
}

export interface Entry<V> {
  readonly key: Literal;
  readonly value: V;
  readonly line: number;
}

export const selectorNames = [
  "Match",
  "UseAfter",
  "VersionAfter",
  "SelectVersion",
  "ClosestTime",
  "GeometricallyNearest",
  "Bracket",
] as const;

export type SelectorName = (typeof selectorNames)[number];

export const isCall = (value: Literal | Call): value is Call =>
  typeof value === "object" && value !== null && value.kind === "call";

export const isDict = (value: Literal | Call | undefined): value is Dict =>
  typeof value === "object" && value !== null && value.kind === "dict";

export const isSequence = (value: Literal | Call | undefined): value is Sequence =>
  typeof value === "object" && value !== null && (value.kind === "tuple" || value.kind === "list");

export const isTuple = (value: Literal | Call | undefined): value is Sequence =>
  isSequence(value) && value.kind === "tuple";

export const tuple = (...items: Literal[]): Sequence => ({ kind: "tuple", items });

/** Value of the last entry whose key is that string, as Python keeps it. */
export function getEntry<V>(entries: readonly Entry<V>[], key: string): V | undefined {
  for (let i = entries.length - 1; i >= 0; i--) if (entries[i]!.key === key) return entries[i]!.value;
  return undefined;
}

/** Plain JSON data: tuples and lists become arrays, dictionaries objects with text keys, integers numbers. */
export function toJson(value: Literal): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (value.kind !== "dict") return value.items.map(toJson);
  return Object.fromEntries(value.entries.map(({ key, value: v }) => [textOf(key), toJson(v)]));
}

/** Python `repr(float)`: shortest digits, exponent form below 1e-4 and from 1e16. */
export function formatFloat(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0.0";
  if (x === 0) return "0.0";
  const [mantissa, power] = x.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const text = exponent < 0 ? decimalText(mantissa, exponent) : String(x);
  return text.includes(".") ? text : `${text}.0`;
}

/** JavaScript turns to exponents below 1e-6 only, Python below 1e-4: digits are placed by hand between. */
function decimalText(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith("-") ? "-" : "";
  return `${sign}0.${"0".repeat(-exponent - 1)}${mantissa.replace(/[-.]/g, "")}`;
}

/** Python `str(value)`. */
export function textOf(value: Literal): string {
  return typeof value === "string" ? value : reprOf(value);
}

/** Python `repr(value)`. */
export function reprOf(value: Literal): string {
  switch (typeof value) {
    case "string":
      return reprString(value);
    case "bigint":
      return value.toString();
    case "number":
      return formatFloat(value);
    case "boolean":
      return value ? "True" : "False";
  }
  if (value === null) return "None";
  if (value.kind === "dict") {
    return `{${value.entries.map((e) => `${reprOf(e.key)}: ${reprOf(e.value)}`).join(", ")}}`;
  }
  const items = value.items.map(reprOf).join(", ");
  if (value.kind === "list") return `[${items}]`;
  return value.items.length === 1 ? `(${items},)` : `(${items})`;
}

const named: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function reprString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const c of text) {
    const code = c.codePointAt(0)!;
    if (c === quote) out += `\\${c}`;
    else if (named[c] !== undefined) out += named[c];
    else if (code < 0x20 || (code >= 0x7f && code < 0xa1) || code === 0xad) out += `\\x${hex(code, 2)}`;
    else if (isUnprintable(c)) out += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
    else out += c;
  }
  return out + quote;
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, "0");

const isUnprintable = (c: string): boolean => c > "\x7f" && /[\p{C}\p{Z}]/u.test(c);
