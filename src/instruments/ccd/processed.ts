/** What other software has written into the header of what it did: IRAF's ccdproc, and the Python package of that name. */
import type { Keywords } from "../../data/exposure.js";

/** Keywords of both → our status keywords. Their values are dates and arguments: that one is there counts. */
const MARKS: readonly [string, readonly string[]][] = [
  // IRAF, noao.imred.ccdred
  ["OVERSCAN", ["S_CCDINI", "S_OVERSC"]],
  ["TRIM", ["S_TRIM"]],
  ["ZEROCOR", ["S_BIAS"]],
  ["DARKCOR", ["S_DARK"]],
  ["FLATCOR", ["S_FLAT"]],
  // ccdproc's short names of its functions
  ["SUBOSCAN", ["S_OVERSC"]],
  ["TRIMIM", ["S_TRIM"]],
  ["SUBBIAS", ["S_BIAS"]],
  ["SUBDARK", ["S_DARK"]],
  ["GAINCOR", ["S_GAIN"]],
  ["CREATVAR", ["S_CCDINI", "S_PHOTON"]],
];

/** Words of pipelines that tell what is still to be done. */
const NOT_DONE = /^(OMIT|PERFORM|SKIPPED|F|FALSE|NO)$/i;

export const processedBy = (header: Keywords): Keywords =>
  Object.fromEntries(
    MARKS.flatMap(([mark, steps]) => {
      const value = header[mark];
      if (
        value === undefined ||
        value === false ||
        (typeof value === "string" && NOT_DONE.test(value.trim()))
      )
        return [];
      return steps.map((step) => [step, "COMPLETE"]);
    }),
  );
