/** Raw imager reads to a calibrated image, in one pass. */
import { chain } from "../step/pipeline.js";
import { image2 } from "./image2.js";
import { stage1 } from "./stage1.js";

export const imager = chain(
  "imager",
  "Raw reads to a calibrated image: stage1 and image2 in one pass.",
  stage1,
  image2,
);
