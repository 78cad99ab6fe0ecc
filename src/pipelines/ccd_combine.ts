/** Repeated raw CCD frames to one calibrated image. */
import { chain, definePipeline } from "../step/pipeline.js";
import { combine } from "../steps/combine.js";
import { ccd } from "./ccd.js";

export const ccdCombine = chain(
  "ccd_combine",
  "Repeated raw CCD frames to one calibrated image: ccd for each, then combined with rejection.",
  ccd,
  definePipeline({
    name: "ccd_combine",
    summary: "Calibrated CCD images of one pointing to one image.",
    suffix: "combined",
    level: 2,
    steps: [combine],
  }),
);
