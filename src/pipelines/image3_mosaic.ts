/** Calibrated images of one field to a mosaic by whole pixels. */
import { definePipeline } from "../step/pipeline.js";
import { mosaic } from "../steps/mosaic.js";
import { qa } from "../steps/qa.js";

export const image3Mosaic = definePipeline({
  name: "image3_mosaic",
  summary: "Calibrated images of one field to a mosaic, moved by whole pixels, and measured.",
  suffix: "mosaic",
  level: 3,
  steps: [mosaic, qa],
});
