/** Raw reads up the ramp to a count rate. */
import { definePipeline } from "../step/pipeline.js";
import { dark } from "../steps/dark.js";
import { dqInit } from "../steps/dq_init.js";
import { linearity } from "../steps/linearity.js";
import { rampFit } from "../steps/ramp_fit.js";
import { saturation } from "../steps/saturation.js";

export const stage1 = definePipeline({
  name: "stage1",
  summary: "Raw reads to a count rate: flags, saturation, linearity, ramp fit.",
  suffix: "rate",
  level: 1,
  steps: [
    dqInit,
    saturation,
    linearity,
    { step: dark, off: "the dark is subtracted from the rate, by dark_sub" },
    rampFit,
  ],
});
