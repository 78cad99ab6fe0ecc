/** Count rate to a calibrated image. */
import { definePipeline } from "../step/pipeline.js";
import { assignWcs } from "../steps/assign_wcs.js";
import { background } from "../steps/background.js";
import { darkSub } from "../steps/dark_sub.js";
import { dqInit } from "../steps/dq_init.js";
import { flatField } from "../steps/flat_field.js";

export const image2 = definePipeline({
  name: "image2",
  summary: "Count rate to a calibrated image: dark, flat, background, sky coordinates.",
  suffix: "cal",
  level: 2,
  steps: [
    { step: dqInit, off: "the mask's flags are set in the reads, by stage1" },
    darkSub,
    flatField,
    background,
    assignWcs,
  ],
});
