/** Several flat exposures to a master flat field. */
import { definePipeline } from "../step/pipeline.js";
import { checkFlat } from "../steps/check_flat.js";
import { combineFrames } from "../steps/combine_frames.js";
import { darkSub } from "../steps/dark_sub.js";
import { flagFlat } from "../steps/flag_flat.js";
import { flatLevel } from "../steps/flat_level.js";
import { maskObjectsStep } from "../steps/mask_objects.js";
import { normalize } from "../steps/normalize.js";

export const createFlatfield = definePipeline({
  name: "create_flatfield",
  summary:
    "Flat exposures of a lamp, of twilight or of the sky to a master flat: dark, clipped median, normalised, bad pixels flagged.",
  suffix: "flat",
  level: 2,
  reftype: "flat",
  least: 3,
  of: ["FLAT", "SKY", "SCI"],
  keywords: { REFTYPE: "flat", IMTYPE: "FLAT", DATAMODL: "FlatModel" },
  steps: [
    darkSub,
    maskObjectsStep,
    flatLevel,
    { step: combineFrames, params: { method: "median", error_calc: "propagate" } },
    normalize,
    flagFlat,
    checkFlat,
  ],
});
