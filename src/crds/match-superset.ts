/** Overlaps of match keys, which `certify` reports: a key that is a special case of another of equal weight. */
import { alternativesOf } from "./condition.js";

/** Does every value which `b` accepts also pass `a`? */
function coversElement(a: string, b: string): boolean {
  if (a === b || a === "*" || b === "N/A" || (a === "N/A" && b === "*")) return true;
  const wide = new Set(alternativesOf(a));
  return alternativesOf(b).every((part) => wide.has(part));
}

/** Is `a` at least as wide as `b` in every column? */
export const isSuperset = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((element, i) => coversElement(element, b[i]!));

/** Number of columns that count. */
export const weightOf = (elements: readonly string[]): number =>
  elements.filter((element) => element !== "N/A").length;
