/** Combines exposures in the manner of IRAF's imcombine and ccdproc. */
import * as v from "valibot";
import { requireOneSize } from "../data/alike.js";
import { DQ } from "../data/dq.js";
import { StepError } from "../errors.js";
import { stackFrames } from "../kernels/image/stack.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

const rank = v.pipe(v.number(), v.integer(), v.minValue(0));
const sigma = v.pipe(v.number(), v.gtValue(0));
const numbers = v.optional(v.nullable(v.array(v.number())), null);
const weights = v.pipe(
  v.array(v.pipe(v.number(), v.minValue(0))),
  v.check((all) => all.some((weight) => weight > 0), "one of them must be more than 0"),
);
const limit = v.optional(v.nullable(v.number()), null);

const params = v.object({
  method: v.pipe(
    v.optional(v.picklist(["median", "mean", "sum"]), "median"),
    v.description("how the values left are combined"),
  ),
  scale: v.pipe(numbers, v.description("factor of each exposure, in their order")),
  weights: v.pipe(v.optional(v.nullable(weights), null), v.description("weight of each exposure in a mean")),
  nlow: v.pipe(v.optional(rank, 0), v.description("smallest values of each pixel to leave out")),
  nhigh: v.pipe(v.optional(rank, 0), v.description("largest values of each pixel to leave out")),
  min: v.pipe(limit, v.description("leave out smaller values")),
  max: v.pipe(limit, v.description("leave out larger values")),
  clip: v.pipe(v.optional(v.boolean(), true), v.description("reject values by their scatter")),
  sigma_low: v.pipe(v.optional(sigma, 3), v.description("reject values this many deviations below")),
  sigma_high: v.pipe(v.optional(sigma, 3), v.description("reject values this many deviations above")),
  cenfunc: v.pipe(
    v.optional(v.picklist(["median", "mean"]), "median"),
    v.description("centre that deviations are taken from"),
  ),
  devfunc: v.pipe(
    v.optional(v.picklist(["std", "madstd"]), "std"),
    v.description("std: standard deviation; madstd: 1.4826 × median absolute deviation"),
  ),
  iterations: v.pipe(
    v.optional(rank, 1),
    v.description("passes of rejection; 0 rejects until nothing changes"),
  ),
});

export const combine = defineStep({
  name: "combine",
  summary: "Combine exposures by median, mean or sum with rejection by rank, limits or scatter.",
  equation:
    "scale; drop nlow smallest, nhigh largest; drop outside [min, max]; drop outside c − σ_l·s … c + σ_h·s;  e' = std/√n, 1.4826·MAD/√n, std·√n",
  input: "image",
  output: "image",
  locality: "group",
  status: "S_COMBIN",
  flags: ["DO_NOT_USE"],
  params,
  run(images, { params: p }) {
    const first = images[0]!;
    requireOneSize("combine", images);
    const why = flaw(p, images.length);
    if (why !== undefined)
      throw new StepError(`combine: on ${String(images.length)} exposures — ${why}`, {
        hint: "iris step describe combine",
      });
    stackFrames(first, images, {
      method: p.method,
      weights: p.method === "mean" ? p.weights : null,
      scale: p.scale,
      extrema: [p.nlow, p.nhigh],
      limits: [p.min ?? -Infinity, p.max ?? Infinity],
      clip: p.clip
        ? {
            sigmaLow: p.sigma_low,
            sigmaHigh: p.sigma_high,
            iterations: p.iterations === 0 ? Infinity : p.iterations,
            center: p.cenfunc,
            deviation: p.devfunc,
          }
        : null,
      empty: DQ.DO_NOT_USE,
    });
    return complete({ ...first, varPoisson: null, varRnoise: null }, { NCOMBINE: images.length });
  },
});

/** What is wrong with the parameters taken together; undefined: nothing. */
function flaw(
  { method, scale, weights: given, min, max }: v.InferOutput<typeof params>,
  count: number,
): string | undefined {
  for (const [name, list] of Object.entries({ scale, weights: given }))
    if (list && list.length !== count) return `${name} has ${String(list.length)} values`;
  if (given && method !== "mean") return `weights are those of a mean, and method is ${method}`;
  return min !== null && max !== null && min > max
    ? `min ${String(min)} is more than max ${String(max)}: no value would be left`
    : undefined;
}
