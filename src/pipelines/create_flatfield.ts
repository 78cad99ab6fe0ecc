/** Several flat exposures to a master flat field. */
import { definePipeline } from "../step/pipeline.js";
import { combineFrames } from "../steps/combine_frames.js";
import { darkSub } from "../steps/dark_sub.js";
import { flagFlat } from "../steps/flag_flat.js";
import { normalize } from "../steps/normalize.js";

export const createFlatfield = definePipeline({
  name: "create_flatfield",
  summary: "Flat exposures to a master flat: dark from each, clipped median, normalised, bad pixels flagged.",
  suffix: "flat",
  level: 2,
  reftype: "flat",
  keywords: { REFTYPE: "flat", IMTYPE: "FLAT", DATAMODL: "FlatModel" },
  steps: [
    darkSub,
    { step: combineFrames, params: { method: "median", error_calc: "propagate" } },
    normalize,
    flagFlat,
  ],
});
