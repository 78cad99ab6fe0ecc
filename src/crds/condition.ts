/** Header values and match keys brought to the one form in which rules compare them. */
import { formatFloat, isSequence, textOf, type Literal } from "./literal.js";

const numberForm = /^([-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?|[+-]?[0-9]+\.)$/;
const notApplicableForm = /^(-2147483648.0|\(\)|N\/A|NOT APPLICABLE|NOT_APPLICABLE$)/;
// eslint-disable-next-line no-control-regex -- Python's strip takes the separators U+001C to U+001F too
const blanks = /^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g;

const special: Record<string, string> = {
  ANY: "*",
  "4294967295.0": "-1.0",
  T: "T",
  TRUE: "T",
  F: "F",
  FALSE: "F",
};

export const strip = (text: string): string => text.replace(blanks, "");

/**
 * `1`, `1.0`, ` 01 `, `1e0` → `1.0`; `full` → `FULL`; `ANY` → `*`; `NOT_APPLICABLE` → `N/A`; `TRUE` → `T`.
 *
 * A version `5.10` becomes `5.1`, as in CRDS.
 */
export function conditionValue(value: string | number | boolean | bigint | null): string {
  if (typeof value === "number") return special[formatFloat(value)] ?? formatFloat(value);
  let text = value === null ? "NONE" : strip(String(value)).toUpperCase();
  if (numberForm.test(text)) text = formatFloat(Number(text));
  if (notApplicableForm.test(text)) return "N/A";
  return special[text] ?? text;
}

/** Begins and ends with a bracket of some kind, or with BETWEEN or NOT: taken as a whole, never split. */
export function isEsoteric(text: string): boolean {
  if (/^(between|not)/i.test(text)) return true;
  return /^[{(#]/.test(text) && /[})#]$/.test(text);
}

/** The alternatives of an or-set, sorted; an esoteric text is one alternative. */
export function alternativesOf(text: string): string[] {
  if (isEsoteric(text)) return [text];
  return text
    .split("|")
    .map(strip)
    .filter((part) => part !== "")
    .sort();
}

const isVerbatim = (text: string): boolean =>
  (text.startsWith("{") && text.endsWith("}")) || (text.startsWith("(") && text.endsWith(")"));

/** Text of one element of a match key, ready for its matcher. */
export function conditionElement(element: Literal): string {
  if (isSequence(element)) return element.items.map((item) => conditionPart(item)).join("|");
  if (typeof element !== "string") return conditionPart(element);
  if (isVerbatim(element)) return element;
  if (!element.includes("|") || isEsoteric(element)) return conditionValue(element);
  return alternativesOf(element).map(conditionValue).join("|");
}

const conditionPart = (part: Literal): string =>
  typeof part === "object" && part !== null ? conditionValue(textOf(part)) : conditionValue(part);
