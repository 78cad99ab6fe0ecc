/** The header of a product made of several exposures: the first one's, with times and totals taken over all. */
import type { Keywords, KeywordValue } from "./exposure.js";

type Rule = (values: readonly KeywordValue[]) => KeywordValue | undefined;

const min: Rule = (values) => sorted(values)[0];
const max: Rule = (values) => sorted(values).at(-1);
const multi: Rule = (values) => (values.every((value) => value === values[0]) ? values[0] : "MULTIPLE");

const sorted = (values: readonly KeywordValue[]): KeywordValue[] =>
  [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** Julian dates need the full precision of a double: the differences to the first are averaged, not the sum. */
const mean: Rule = (values) => {
  const numbers = values.filter((value) => typeof value === "number");
  const first = numbers[0];
  return first === undefined
    ? undefined
    : first + numbers.reduce((sum, value) => sum + (value - first), 0) / numbers.length;
};

/** Of times as YYYYMMDDhhmmss; none where one isn't written so. */
const meanTime: Rule = (values) => {
  const times = values.map((value) => {
    const parts = /^(\d{4})(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)$/.exec(String(value))?.slice(1);
    return parts ? Date.parse(`${parts.slice(0, 3).join("-")}T${parts.slice(3).join(":")}Z`) : NaN;
  });
  const middle = mean(times) as number;
  return Number.isNaN(middle)
    ? undefined
    : new Date(Math.round(middle / 1000) * 1000).toISOString().slice(0, 19).replace(/[-:T]/g, "");
};

const rules: Readonly<Record<string, Rule>> = {
  EXPJDST: min,
  EXPJDMID: mean,
  EXPJDEND: max,
  EXPDTST: min,
  EXPDTMID: meanTime,
  EXPDTEND: max,
  EXPSTART: min,
  EXPMID: mean,
  EXPEND: max,
  "DATE-BEG": min,
  "DATE-END": max,
  AIRMASS: mean,
  DETECTOR: multi,
  INSTMODE: multi,
  FILTER: multi,
  GRATING: multi,
  OBJECT: multi,
};

/** References that earlier steps have used, R_DARK and so on, are common to all or MULTIPLE. */
const ruleOf = (keyword: string): Rule | undefined =>
  rules[keyword] ?? (keyword.startsWith("R_") ? multi : undefined);

/** Keywords of the product that differ from those of its first input, and NCOMBINE. */
export function blendKeywords(headers: readonly Keywords[]): Record<string, KeywordValue> {
  const blended: Record<string, KeywordValue> = { NCOMBINE: headers.length };
  for (const keyword of keywordsIn(headers)) {
    const value = ruleOf(keyword)?.(valuesOf(headers, keyword));
    if (value !== undefined && value !== headers[0]![keyword]) blended[keyword] = value;
  }
  return blended;
}

/** Keywords whose values aren't the same in all headers. */
export const differing = (headers: readonly Keywords[]): string[] =>
  keywordsIn(headers).filter((keyword) => headers.some((header) => header[keyword] !== headers[0]![keyword]));

const keywordsIn = (headers: readonly Keywords[]): string[] => [
  ...new Set(headers.flatMap((header) => Object.keys(header))),
];

const valuesOf = (headers: readonly Keywords[], keyword: string): KeywordValue[] =>
  headers.map((header) => header[keyword]).filter((value) => value !== undefined);
