/** Count rate to a calibrated image in the order of iris_pipeline's ProcessImagerL2: the raw background first. */
import { definePipeline } from "../step/pipeline.js";
import { assignWcs } from "../steps/assign_wcs.js";
import { background } from "../steps/background.js";
import { darkSub } from "../steps/dark_sub.js";
import { dqInit } from "../steps/dq_init.js";
import { flatField } from "../steps/flat_field.js";
import { fluxcal } from "../steps/fluxcal.js";
import { parseSubarrayMapStep } from "../steps/parse_subarray_map.js";

export const imager2 = definePipeline({
  name: "imager2",
  summary: "Count rate to a calibrated image in the ancestor's order: background, coordinates, dark, flat.",
  suffix: "cal",
  level: 2,
  steps: [
    { step: dqInit, off: "the mask's flags are set in the reads, by stage1" },
    background,
    assignWcs,
    parseSubarrayMapStep,
    darkSub,
    flatField,
    { step: fluxcal, off: "a zero point is needed: zero_point, or -s fluxcal.zeropoint=MAGNITUDE" },
  ],
});
