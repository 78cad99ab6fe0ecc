/** Subtracts one number: the typical sky of the frame, as quickly as the next exposure comes. */
import * as v from "valibot";
import { StepError } from "../errors.js";
import { gather } from "../kernels/image/select.js";
import { clippedMedian } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const skyMedian = defineStep({
  name: "sky_median",
  summary: "Subtract the median of the frame, clipped, as its sky.",
  equation: "d' = d − B;  B = median of finite d with q = 0 and |d − B| ≤ σ·1.4826·MAD, to convergence",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_SKYSUB",
  params: v.object({
    sigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 5),
      v.description("leave out pixels this many deviations from the median"),
    ),
  }),
  run(image, { params: { sigma }, alloc, exposure }) {
    const { sci, dq } = image;
    const values = alloc.f32(sci.length);
    const n = gather(values, sci, dq, false);
    if (n === 0)
      throw new StepError(`sky_median: on an exposure of ${exposure.detector} — it has no good pixel`, {
        hint: "look at the image: iris look FILE",
      });
    const { median } = clippedMedian(values, n, sigma, alloc.f32(n));
    for (let i = 0; i < sci.length; i++) sci[i]! -= median;
    return complete(image, { BKGLEVEL: median, BKGSUB: true });
  },
});
