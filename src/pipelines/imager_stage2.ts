/** Count rate to a calibrated image in the order of liger_iris_pipeline: a smooth sky after the flat. */
import { definePipeline } from "../step/pipeline.js";
import { assignWcs } from "../steps/assign_wcs.js";
import { darkSub } from "../steps/dark_sub.js";
import { dqInit } from "../steps/dq_init.js";
import { flatField } from "../steps/flat_field.js";
import { fluxcal } from "../steps/fluxcal.js";
import { lacosmic } from "../steps/lacosmic.js";
import { parseSubarrayMapStep } from "../steps/parse_subarray_map.js";
import { subtractBkg } from "../steps/subtract_bkg.js";

export const imagerStage2 = definePipeline({
  name: "imager_stage2",
  summary: "Count rate to a calibrated image, the sky as a smooth map: dark, flat, sky, coordinates.",
  suffix: "cal",
  level: 2,
  steps: [
    { step: dqInit, off: "the mask's flags are set in the reads, by stage1" },
    parseSubarrayMapStep,
    darkSub,
    flatField,
    { step: lacosmic, off: "up-the-ramp reads find cosmic rays better than a single image does" },
    subtractBkg,
    assignWcs,
    { step: fluxcal, off: "a zero point is needed: zero_point, or -s fluxcal.zeropoint=MAGNITUDE" },
  ],
});
