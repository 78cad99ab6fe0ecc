/** Calibrated CCD images of one pointing to one image. */
import { definePipeline } from "../step/pipeline.js";
import { combineFrames } from "../steps/combine_frames.js";

export const ccdStack = definePipeline({
  name: "ccd_stack",
  summary: "Calibrated CCD images of one pointing to one image: clipped mean, with the errors of the images.",
  suffix: "combined",
  level: 3,
  steps: [{ step: combineFrames, params: { method: "mean", error_calc: "propagate" } }],
});
