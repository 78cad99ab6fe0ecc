/** What a frame of a CCD was taken for, in the words of many observatories. */
import type { Keywords } from "../../data/exposure.js";
import { numberOf, textOf } from "../common/keywords.js";

const KEYWORDS = ["ESO DPR TYPE", "IMAGETYP", "OBSTYPE", "IMTYPE", "EXP_TYPE", "FRAMETYP", "FRAME"];

const TYPES: readonly [RegExp, string][] = [
  [/\b(bias|zero)/i, "BIAS"],
  [/\bdark/i, "DARK"],
  [/flat|\bquartz|\binternal/i, "FLAT"],
  [/\b(arcs?|comp|comparison|lamp|wavecal)\b/i, "ARC"],
  [/\bsky\b/i, "SKY"],
  [/\b(object|light|science|sci|standard|std|target|ext)\b/i, "SCI"],
];

/** Names of objects that say what the frame is, where its type only says that it is of something. */
const OBJECTS: readonly [RegExp, string][] = [
  [/^bias(es)?$/i, "BIAS"],
  [/^darks?$/i, "DARK"],
  [/^((dome|sky|twilight|twi|lamp|internal)[\s_-]*)?flats?$/i, "FLAT"],
  [/^(arcs?|comp(arison)?s?)$/i, "ARC"],
];

/** Seconds below which a dark is a bias. */
const NO_TIME = 1e-3;

const typeIn = (table: typeof TYPES, words: string): string | undefined =>
  table.find(([pattern]) => pattern.test(words))?.[1];

export const frameTypeWords = (header: Keywords): string | undefined =>
  KEYWORDS.map((keyword) => header[keyword]).find(
    (value): value is string => typeof value === "string" && value.trim() !== "",
  );

/** BIAS, DARK, FLAT, ARC, SKY or SCI, and what had to be guessed. */
export function frameTypeOf(header: Keywords): { obstype: string; assumed: string[] } {
  const words = frameTypeWords(header);
  const stated = words === undefined ? undefined : typeIn(TYPES, words);
  const object = textOf(header, "OBJECT") ?? "";
  const exptime = numberOf(header, "EXPTIME", "EXPOSURE");
  if (stated === "DARK" && exptime !== undefined && exptime < NO_TIME)
    return { obstype: "BIAS", assumed: [] };
  const named = typeIn(OBJECTS, object);
  if ((stated === undefined || stated === "SCI") && named !== undefined)
    return {
      obstype: named,
      assumed: [`OBJECT is ${JSON.stringify(object)}: taken as ${named.toLowerCase()}`],
    };
  if (stated !== undefined) return { obstype: stated, assumed: [] };
  const why = words === undefined ? "no IMAGETYP or OBSTYPE" : `type ${JSON.stringify(words)} unknown`;
  return { obstype: "SCI", assumed: [`${why}: taken as science`] };
}
