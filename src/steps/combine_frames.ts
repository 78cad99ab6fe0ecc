/** Combines equal exposures into one image. */
import * as v from "valibot";
import { requireOneSize } from "../data/alike.js";
import { DQ } from "../data/dq.js";
import { combineFrames as combine } from "../kernels/image/combine.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const sigma = v.pipe(v.number(), v.gtValue(0));

export const combineFrames = defineStep({
  name: "combine_frames",
  summary: "Combine exposures pixel by pixel with robust clipping.",
  equation:
    "clip |v − M| > σ·s, M biweight location, s = √(biweight midvariance); then mean, median, or weighted by 1/e²;  e' = (Σ1/e²)^(−1/2) or from the scatter",
  input: "image",
  output: "image",
  locality: "group",
  status: "S_COMBIN",
  flags: ["DO_NOT_USE"],
  params: v.object({
    method: v.pipe(
      v.optional(v.picklist(["mean", "wmean", "median", "wmedian"]), "mean"),
      v.description("how the values that survive are combined; w: weighted by 1/e²"),
    ),
    do_sigma_clip: v.pipe(v.optional(v.boolean(), true), v.description("reject outliers first")),
    sigma_thresh_low: v.pipe(v.optional(sigma, 4), v.description("reject values this many s below M")),
    sigma_thresh_high: v.pipe(v.optional(sigma, 4), v.description("reject values this many s above M")),
    thresh_low: v.pipe(
      v.optional(v.nullable(v.number()), null),
      v.description("reject values below this one"),
    ),
    thresh_high: v.pipe(
      v.optional(v.nullable(v.number()), null),
      v.description("reject values above this one"),
    ),
    num_mask_low: v.pipe(
      v.optional(v.nullable(count), null),
      v.description("low values that one pass may reject; null: all"),
    ),
    num_mask_high: v.pipe(
      v.optional(v.nullable(count), null),
      v.description("high values that one pass may reject; null: all"),
    ),
    min_batch_size: v.pipe(v.optional(count, 3), v.description("reject no further with so few values left")),
    maxiters: v.pipe(v.optional(count, 50), v.description("passes of rejection")),
    error_calc: v.pipe(
      v.optional(v.picklist(["measure", "propagate"]), "measure"),
      v.description("measure: from the scatter of the values; propagate: from their errors"),
    ),
    variant: v.pipe(
      v.optional(v.picklist(["iris", "liger"]), "iris"),
      v.description(
        "liger: rejected values still count in the propagated error, and without rejection flagged values enter a plain mean or median",
      ),
    ),
    dq_reduce: v.pipe(
      v.optional(v.picklist(["used", "or", "and"]), "used"),
      v.description("flags of the product: of the inputs used, of any input (liger), or common to all"),
    ),
  }),
  run(images, { params }) {
    const first = images[0]!;
    requireOneSize("combine_frames", images);
    combine(first, images, {
      method: params.method,
      clip: params.do_sigma_clip,
      sigmaLow: params.sigma_thresh_low,
      sigmaHigh: params.sigma_thresh_high,
      low: params.thresh_low ?? -Infinity,
      high: params.thresh_high ?? Infinity,
      maxLow: params.num_mask_low ?? Infinity,
      maxHigh: params.num_mask_high ?? Infinity,
      minBatch: params.min_batch_size,
      maxiters: params.maxiters,
      error: params.error_calc,
      variant: params.variant,
      flags: params.dq_reduce,
      empty: DQ.DO_NOT_USE,
    });
    return complete({ ...first, varPoisson: null, varRnoise: null }, { NCOMBINE: images.length });
  },
});
