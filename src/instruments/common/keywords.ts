/** Typed look-ups in a merged header: the first of several spellings that is there and makes sense. */
import type { Keywords } from "../../data/exposure.js";

/** The first non-empty text among `names`; numbers are given as text. */
export function textOf(header: Keywords, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = header[name];
    if (value === undefined || typeof value === "boolean") continue;
    const text = String(value).trim();
    if (text !== "") return text;
  }
  return undefined;
}

/** The first finite number among `names`; numbers written as strings count. */
export function numberOf(header: Keywords, ...names: string[]): number | undefined {
  for (const name of names) {
    const value = header[name];
    if (value === undefined || typeof value === "boolean") continue;
    if (typeof value === "string" && value.trim() === "") continue;
    const number = Number(value);
    if (Number.isFinite(number)) return number;
  }
  return undefined;
}

/** A number that only means something above zero, as a time or a count. */
export function positiveOf(header: Keywords, name: string): number | undefined {
  const number = numberOf(header, name);
  return number !== undefined && number > 0 ? number : undefined;
}
