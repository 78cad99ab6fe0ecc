/** Flags cosmic rays in one of several equal exposures: what stands out of the median of all. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { StepError } from "../errors.js";
import { flagOutliers } from "../kernels/image/stack-outliers.js";
import { defineStep } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";

/** With two frames nothing tells which of them was hit. */
const ENOUGH = 3;

export const stackCr = defineStep({
  name: "stack_cr",
  summary: "Flag what stands out of the median of repeated exposures.",
  equation: "d > M + nsigma·max(1.4826·MAD, e): OUTLIER;  M, MAD over this exposure and the repeated ones",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_STCKCR",
  flags: ["OUTLIER"],
  members: { repeat: { doc: "the other exposures of the same field, not dithered" } },
  params: v.object({
    nsigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 5),
      v.description("deviations above the median of a cosmic ray"),
    ),
  }),
  run(image, { params: { nsigma }, members: { repeat } }) {
    if (repeat.length + 1 < ENOUGH)
      return skipped(image, `${String(repeat.length + 1)} exposures, three are needed`);
    for (const { nx, sci } of repeat)
      if (nx !== image.nx || sci.length !== image.sci.length)
        throw new StepError(
          `stack_cr: on ${String(repeat.length + 1)} exposures — one is ${String(nx)} pixels wide, this one ${String(image.nx)}`,
          { hint: "give repeated exposures of one subarray: iris fits info FILES" },
        );
    flagOutliers(image, [image, ...repeat], nsigma, DQ.DO_NOT_USE, DQ.OUTLIER);
    return complete(image);
  },
});
