/** Several dark exposures, and a flat field where there is one, to a bad-pixel map. */
import { definePipeline } from "../step/pipeline.js";
import { darkScatter } from "../steps/dark_scatter.js";
import { findBadPixels } from "../steps/find_bad_pixels.js";

export const createBpm = definePipeline({
  name: "create_bpm",
  summary: "Dark exposures and a flat field to a bad-pixel map: hot, dead, unstable and insensitive pixels.",
  suffix: "bpm",
  level: 2,
  reftype: "bpm",
  of: ["DARK"],
  keywords: { REFTYPE: "mask", IMTYPE: "BPM", DATAMODL: "MaskModel" },
  steps: [darkScatter, findBadPixels],
});
