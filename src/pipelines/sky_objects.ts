/** The images of one round of imager_sky to a mosaic with its objects flagged. */
import { definePipeline } from "../step/pipeline.js";
import { mosaic } from "../steps/mosaic.js";
import { mosaicObjects } from "../steps/mosaic_objects.js";

export const skyObjects = definePipeline({
  name: "sky_objects",
  summary: "Images of one round of imager_sky to a mosaic with its objects flagged.",
  suffix: "objects",
  level: 3,
  steps: [mosaic, mosaicObjects],
});
