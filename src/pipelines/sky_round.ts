/** One round of imager_sky before its last: the masks stay, to be compared with the objects of the mosaic. */
import { definePipeline } from "../step/pipeline.js";
import { maskObjectsStep } from "../steps/mask_objects.js";
import { skyIterative } from "../steps/sky_iterative.js";
import { skyLevel } from "../steps/sky_level.js";

export const skyRound = definePipeline({
  name: "sky_round",
  summary: "One round of imager_sky: level and running sky subtracted, masked objects left flagged.",
  suffix: "sky",
  level: 2,
  steps: [
    { step: maskObjectsStep, params: { sky: "yes" } },
    skyLevel,
    { step: skyIterative, params: { keep_mask: true } },
  ],
});
