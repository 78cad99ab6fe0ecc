/** The header as the calibration rules of observatory tmt want it: data-model paths beside the raw keywords. */
import type { Exposure, Keywords } from "../../data/exposure.js";

/** What the rules call a value that an exposure doesn't have. */
const NOT_APPLICABLE = "N/A";

/**
 * Raw keywords first, then the paths that the descriptors fill, which win: so a header of any generation meets
 * the same rules. Date and time are left out when unknown, and the lookup says so.
 */
export function calibrationHeader(
  exposure: Exposure,
  header: Keywords,
): Record<string, string | number | boolean> {
  const [date, time = "00:00:00"] = exposure.dateObs.split("T");
  return {
    ...header,
    "META.INSTRUMENT.NAME": exposure.instrument,
    "META.INSTRUMENT.DETECTOR": exposure.detector || NOT_APPLICABLE,
    "META.INSTRUMENT.FILTER": exposure.filter || NOT_APPLICABLE,
    "META.INSTRUMENT.PUPIL": exposure.pupil || "CLEAR",
    "META.INSTRUMENT.MODE": exposure.mode,
    "META.SUBARRAY.NAME": exposure.subarray.name,
    "META.EXPOSURE.TYPE": exposure.obstype,
    "META.EXPOSURE.READMODE": exposure.readmode || NOT_APPLICABLE,
    ...(date ? { "META.OBSERVATION.DATE": date, "META.OBSERVATION.TIME": time } : {}),
  };
}
