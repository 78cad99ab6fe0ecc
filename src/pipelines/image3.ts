/** Calibrated images of one field to one image on the sky. */
import { definePipeline } from "../step/pipeline.js";
import { outlierDetection } from "../steps/outlier_detection.js";
import { qa } from "../steps/qa.js";
import { resample } from "../steps/resample.js";
import { skymatch } from "../steps/skymatch.js";

export const image3 = definePipeline({
  name: "image3",
  summary:
    "Calibrated images of one field to one image on the sky: skies matched, outliers flagged, drizzled, measured.",
  suffix: "i2d",
  level: 3,
  steps: [skymatch, outlierDetection, resample, qa],
});
