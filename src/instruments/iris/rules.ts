/** The header as the calibration rules of observatory tmt want it: data-model paths beside the raw keywords. */
import type { Exposure, Keywords } from "../../data/exposure.js";

/**
 * Raw keywords first, then the paths that the descriptors fill, which win: so a header of any generation meets
 * the same rules. What isn't known is left out, and the lookup says so: a rule for some detector must not serve an
 * exposure of none. Only a filter that a dark has no use for is not applicable.
 */
export function calibrationHeader(
  exposure: Exposure,
  header: Keywords,
): Record<string, string | number | boolean> {
  const unfiltered = exposure.obstype === "DARK" || exposure.obstype === "BIAS";
  const filter = exposure.filter || (unfiltered ? "N/A" : "");
  const [date, time = "00:00:00"] = exposure.dateObs.split("T");
  return {
    ...header,
    "META.INSTRUMENT.NAME": exposure.instrument,
    ...(exposure.detector ? { "META.INSTRUMENT.DETECTOR": exposure.detector } : {}),
    ...(filter ? { "META.INSTRUMENT.FILTER": filter } : {}),
    "META.INSTRUMENT.PUPIL": exposure.pupil || "CLEAR",
    "META.INSTRUMENT.MODE": exposure.mode,
    "META.SUBARRAY.NAME": exposure.subarray.name,
    "META.EXPOSURE.TYPE": exposure.obstype,
    "META.EXPOSURE.READMODE": exposure.readmode || "N/A",
    ...(date ? { "META.OBSERVATION.DATE": date, "META.OBSERVATION.TIME": time } : {}),
  };
}
