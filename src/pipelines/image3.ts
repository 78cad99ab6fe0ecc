/** Calibrated images of one field to one image on the sky. */
import { definePipeline } from "../step/pipeline.js";
import { resample } from "../steps/resample.js";

export const image3 = definePipeline({
  name: "image3",
  summary: "Calibrated images of one field to one image on the sky, drizzled.",
  suffix: "i2d",
  level: 3,
  steps: [resample],
});
