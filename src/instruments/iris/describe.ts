/** Header keywords of IRIS, old and new → descriptors in the field's vocabulary. */
import type { Exposure, Keywords } from "../../data/exposure.js";
import { describeBy } from "../common/descriptors.js";
import { textOf } from "../common/keywords.js";
import type { RawFacts } from "../define.js";

/** IMG, SLICER or LENSLET: stated, or what the detector is for. */
function modeOf(header: Keywords, detector: string): string {
  const stated = textOf(header, "INSTMODE", "IFSMODE");
  if (stated) return stated.toUpperCase();
  if (/^(IFU|LEN)/.test(detector)) return "LENSLET";
  if (detector.startsWith("SLC")) return "SLICER";
  return "IMG";
}

export const describe = (facts: RawFacts): Exposure =>
  describeBy({ instrument: "IRIS", telescope: "TMT", mode: modeOf, calibrated: true }, facts);
