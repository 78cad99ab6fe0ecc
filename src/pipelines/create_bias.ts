/** Several bias frames to a master bias. */
import { definePipeline } from "../step/pipeline.js";
import { ccdInit } from "../steps/ccd_init.js";
import { checkBias } from "../steps/check_bias.js";
import { combineFrames } from "../steps/combine_frames.js";
import { overscan } from "../steps/overscan.js";
import { trim } from "../steps/trim.js";

export const createBias = definePipeline({
  name: "create_bias",
  summary: "Raw bias frames to a master bias in DN: overscan from each, trimmed, clipped mean.",
  suffix: "bias",
  level: 2,
  reftype: "bias",
  of: ["BIAS"],
  keywords: { REFTYPE: "bias", IMTYPE: "BIAS", DATAMODL: "BiasModel" },
  steps: [
    ccdInit,
    overscan,
    trim,
    { step: combineFrames, params: { method: "mean", error_calc: "propagate" } },
    checkBias,
  ],
});
