/** Words derived from the descriptors, and which pipeline each combination goes through. */
import type { Exposure } from "../../data/exposure.js";
import type { Kind } from "../../data/kinds.js";
import type { Instrument } from "../define.js";

/** IRIS, IMAGER or IFS (with SLICER or LENSLET), RAMP, RATE or IMAGE, and the type: SCI, SKY, DARK, FLAT … */
export function tagsOf(exposure: Exposure, kind: Kind): ReadonlySet<string> {
  const tags = new Set(["IRIS", kind.toUpperCase(), exposure.obstype]);
  if (exposure.mode === "IMG") tags.add("IMAGER");
  else tags.add("IFS").add(exposure.mode);
  if (exposure.subarray.name !== "FULL") tags.add("SUBARRAY");
  return tags;
}

/**
 * The first row whose tags are all present. Ramps of calibrations stop at the rate: what is made of them takes
 * several exposures. References and simulated truths have no row: they go through a pipeline only when one is named.
 */
export const pipelineTable: Instrument["pipelines"] = [
  { tags: ["RAMP", "IMAGER", "SCI"], pipeline: "imager" },
  { tags: ["RAMP", "IMAGER", "SKY"], pipeline: "imager" },
  { tags: ["RAMP"], pipeline: "stage1" },
  { tags: ["DARK"], pipeline: "create_dark" },
  { tags: ["FLAT"], pipeline: "create_flatfield" },
  { tags: ["IMAGER", "SCI"], pipeline: "image2" },
  { tags: ["IMAGER", "SKY"], pipeline: "image2" },
  { tags: ["IMAGER", "TEL"], pipeline: "image2" },
];
