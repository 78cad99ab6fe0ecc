/** Dithered images of a field, each less the sky that the others show; again without the objects of their mosaic. */
import { definePipeline } from "../step/pipeline.js";
import { maskObjectsStep } from "../steps/mask_objects.js";
import { skyIterative } from "../steps/sky_iterative.js";
import { skyLevel } from "../steps/sky_level.js";

export const imagerSky = definePipeline({
  name: "imager_sky",
  summary:
    "Dithered images of a field, each less its level and the running sky of the others; repeated with the objects of the mosaic masked.",
  suffix: "bsub",
  level: 2,
  steps: [{ step: maskObjectsStep, params: { sky: "yes" } }, skyLevel, skyIterative],
  rounds: {
    images: "sky_round",
    mosaic: "sky_objects",
    reftype: "MOSAIC",
    settled: "SKYDONE",
    most: { step: "sky_iterative", param: "max_loops" },
  },
});
