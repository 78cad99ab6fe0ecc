/** The image of a pinhole mask to a distortion solution. */
import { definePipeline } from "../step/pipeline.js";
import { distortionSolution } from "../steps/distortion_solution.js";

export const createDistortion = definePipeline({
  name: "create_distortion",
  summary: "The image of a pinhole mask to the distortion of the camera, as SIP keywords.",
  suffix: "distortion",
  level: 2,
  reftype: "distortion",
  keywords: { REFTYPE: "distortion", IMTYPE: "DISTORTION", DATAMODL: "DistortionModel" },
  steps: [distortionSolution],
});
