/** A header as rules want it: data-model paths for keywords, only the keywords that matter, conditioned values. */
import { conditionValue } from "./condition.js";
import type { Observatory } from "./observatories/define.js";
import { pathsOf } from "./observatories/index.js";
import type { Conditioned } from "./selectors/select.js";

export type CrdsHeader = Readonly<Record<string, string | number | boolean | null>>;

/** Keywords by which the instrument may be named, after the pmap's own. */
const instrumentKeywords = [
  "INSTRUME",
  "META.INSTRUMENT.NAME",
  "META_INSTRUMENT_NAME",
  "INSTRUMENT",
  "ROMAN.META.INSTRUMENT.NAME",
  "META.INSTRUMENT.TYPE",
  "META_INSTRUMENT_TYPE",
];

/** FITS keywords → data-model paths, upper case; later keys overwrite earlier ones. */
export function translateHeader(observatory: Observatory, header: CrdsHeader): CrdsHeader {
  const paths = pathsOf(observatory);
  if (!paths) return header;
  const translated: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(header)) {
    const upper = key.toUpperCase();
    translated[upper.startsWith("META.") ? upper : (paths.get(upper) ?? upper)] = value;
  }
  return translated;
}

/** Value of the keyword that names the instrument, in lower case; undefined when none does. */
export function instrumentOf(header: CrdsHeader, parkey: string): string | undefined {
  for (const key of [parkey.toUpperCase(), parkey.toLowerCase(), ...instrumentKeywords]) {
    const value = header[key];
    if (value !== undefined && value !== null && value !== "UNDEFINED") return String(value).toLowerCase();
  }
  return undefined;
}

const remembered = new Map<string, string>();

function conditionText(text: string): string {
  let value = remembered.get(text);
  if (value === undefined) {
    if (remembered.size >= 8192) remembered.clear();
    remembered.set(text, (value = conditionValue(text)));
  }
  return value;
}

/** The required keywords, conditioned; absent ones are UNDEFINED. */
export function minimiseHeader(header: CrdsHeader, required: readonly string[]): Conditioned {
  const minimised: Record<string, string> = {};
  for (const key of required) {
    const value = header[key.toLowerCase()] ?? header[key];
    minimised[key] =
      value === undefined
        ? "UNDEFINED"
        : typeof value === "string"
          ? conditionText(value)
          : conditionValue(value);
  }
  return minimised;
}
