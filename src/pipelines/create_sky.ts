/** Several exposures of the sky to a super sky. */
import { definePipeline } from "../step/pipeline.js";
import { checkSky } from "../steps/check_sky.js";
import { combineFrames } from "../steps/combine_frames.js";
import { darkSub } from "../steps/dark_sub.js";
import { flatField } from "../steps/flat_field.js";
import { maskObjectsStep } from "../steps/mask_objects.js";

export const createSky = definePipeline({
  name: "create_sky",
  summary: "Exposures of the sky to a super sky: dark, flat, objects masked, clipped median.",
  suffix: "sky",
  level: 2,
  reftype: "sky",
  least: 3,
  of: ["SKY", "SCI"],
  keywords: { REFTYPE: "sky", IMTYPE: "SKY" },
  steps: [
    darkSub,
    flatField,
    maskObjectsStep,
    { step: combineFrames, params: { method: "median", error_calc: "propagate" } },
    checkSky,
  ],
});
