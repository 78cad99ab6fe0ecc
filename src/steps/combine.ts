/** Combines exposures in the manner of IRAF's imcombine and ccdproc. */
import * as v from "valibot";
import { requireOneSize } from "../data/alike.js";
import { DQ } from "../data/dq.js";
import { StepError } from "../errors.js";
import { medianOf } from "../kernels/image/select.js";
import { stackFrames } from "../kernels/image/stack.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { packGood, stripsOf, takeStrip } from "./whole-frame.js";

const rank = v.pipe(v.number(), v.integer(), v.minValue(0));
const sigma = v.pipe(v.number(), v.gtValue(0));
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
  scale: v.pipe(
    v.optional(v.nullable(v.union([v.picklist(["median", "mean"]), v.array(v.number())])), null),
    v.description("factor of each exposure, in their order; median, mean: one over that of its good pixels"),
  ),
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
  prepare: {
    rows: ({ size, params: { scale } }) => (typeof scale === "string" ? stripsOf(size) : []),
    take(piece, { index, params: { scale } }): Look {
      const strip = takeStrip(piece, EVERY_FLAG);
      const values = strip.sci.subarray(0, packGood(strip));
      const sum = values.reduce((total, value) => total + value, 0);
      return { index: index!, count: values.length, sum, values: scale === "median" ? values.slice() : null };
    },
    make(looks: readonly Look[], { params: { scale }, inputs }) {
      if (typeof scale !== "string") return null;
      return inputs!.map(({ name }, k) => {
        const own = looks.filter(({ index }) => index === k);
        const typical = typicalOf(own);
        if (Number.isFinite(typical) && typical !== 0) return 1 / typical;
        throw new StepError(`combine: on ${name} — the ${scale} of its good pixels is ${String(typical)}`, {
          hint: "give the factors, or none: -s combine.scale=1,1,…",
        });
      });
    },
  },
  run(images, { params: p, prepared }) {
    const first = images[0]!;
    requireOneSize("combine", images);
    const scale = typeof p.scale === "string" ? prepared : p.scale;
    const why = flaw({ ...p, scale }, images.length);
    if (why !== undefined)
      throw new StepError(`combine: on ${String(images.length)} exposures — ${why}`, {
        hint: "iris step describe combine",
      });
    stackFrames(first, images, {
      method: p.method,
      weights: p.method === "mean" ? p.weights : null,
      scale,
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
    const keywords = {
      NCOMBINE: images.length,
      ...(prepared && Object.fromEntries(prepared.slice(0, 99).map((k, i) => [`SCALE${String(i + 1)}`, k]))),
    };
    const unit = prepared ? "" : first.unit;
    return complete({ ...first, unit, varPoisson: null, varRnoise: null }, keywords);
  },
});

/** What is wrong with the parameters taken together; undefined: nothing. */
function flaw(
  {
    method,
    scale,
    weights: given,
    min,
    max,
  }: Omit<v.InferOutput<typeof params>, "scale"> & { scale: readonly number[] | null },
  count: number,
): string | undefined {
  for (const [name, list] of Object.entries({ scale, weights: given }))
    if (list && list.length !== count) return `${name} has ${String(list.length)} values`;
  if (given && method !== "mean") return `weights are those of a mean, and method is ${method}`;
  return min !== null && max !== null && min > max
    ? `min ${String(min)} is more than max ${String(max)}: no value would be left`
    : undefined;
}

/** Good pixels have none. */
const EVERY_FLAG = 0xffffffff;

/** Good values of some rows of an exposure; themselves only where their order counts. */
interface Look {
  index: number;
  count: number;
  sum: number;
  values: Float32Array | null;
}

/** Median of the values where they were kept, else their mean. */
function typicalOf(looks: readonly Look[]): number {
  const n = looks.reduce((total, { count }) => total + count, 0);
  if (looks.some(({ values }) => values === null))
    return looks.reduce((total, { sum }) => total + sum, 0) / n;
  const all = new Float32Array(n);
  let at = 0;
  for (const { values, count } of looks) {
    all.set(values!, at);
    at += count;
  }
  return medianOf(all, n);
}
