/** The header of a product made of several exposures: the first one's, with times and totals taken over all. */
import type { Keywords, KeywordValue } from "./exposure.js";

const rules: Readonly<Record<string, "min" | "mean" | "max" | "multi">> = {
  EXPJDST: "min",
  EXPJDMID: "mean",
  EXPJDEND: "max",
  EXPSTART: "min",
  EXPMID: "mean",
  EXPEND: "max",
  "DATE-BEG": "min",
  "DATE-END": "max",
  AIRMASS: "mean",
  DETECTOR: "multi",
  INSTMODE: "multi",
  FILTER: "multi",
  GRATING: "multi",
  OBJECT: "multi",
};

/** Keywords of the product that differ from those of its first input, and NCOMBINE. */
export function blendKeywords(headers: readonly Keywords[]): Record<string, KeywordValue> {
  const blended: Record<string, KeywordValue> = { NCOMBINE: headers.length };
  for (const [keyword, rule] of Object.entries(rules)) {
    const values = headers.map((header) => header[keyword]).filter((value) => value !== undefined);
    const value = values.length > 0 ? blend(values, rule) : undefined;
    if (value !== undefined && value !== headers[0]![keyword]) blended[keyword] = value;
  }
  return blended;
}

function blend(
  values: readonly KeywordValue[],
  rule: "min" | "mean" | "max" | "multi",
): KeywordValue | undefined {
  if (rule === "multi") return values.every((value) => value === values[0]) ? values[0] : "MULTIPLE";
  if (rule === "min" || rule === "max") {
    const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return rule === "min" ? sorted[0] : sorted.at(-1);
  }
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length === 0) return undefined;
  // Julian dates need the full precision of a double: average the differences to the first, not the sum.
  const first = numbers[0]!;
  const excess = numbers.reduce((sum, value) => sum + (value - first), 0);
  return first + excess / numbers.length;
}
