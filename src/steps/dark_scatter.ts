/** Repeated darks to their median, with the scatter of each pixel as its error: what bad pixels are found in. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { StepError } from "../errors.js";
import { medianAndStd } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const darkScatter = defineStep({
  name: "dark_scatter",
  summary: "Turn repeated darks into their median and the standard deviation of each pixel.",
  equation:
    "d' = median over the longest exposures;  e' = √(Σ(d − mean)²/n);  of two times: |d/t − d'/t'| > nonlinear_sigma·σ: NONLINEAR",
  input: "image",
  output: "image",
  locality: "group",
  status: "S_DKSCAT",
  flags: ["NONLINEAR"],
  mixes: ["EXPTIME"],
  params: v.object({
    least: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(2)), 3),
      v.description("fewest exposures of the longest time, which tell a scatter"),
    ),
    nonlinear_sigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 10),
      v.description("deviations by which the signal of two exposure times must miss proportionality"),
    ),
  }),
  run(images, { params: { least, nonlinear_sigma }, alloc }) {
    const first = images[0]!;
    const times = [...new Set(images.map(({ exposure }) => exposure.exptime))].sort((a, b) => b - a);
    const groups = times.map((time) => images.filter(({ exposure }) => exposure.exptime === time));
    const longest = groups[0]!;
    if (longest.length < least)
      throw new StepError(
        `dark_scatter: on ${String(longest.length)} exposures of ${String(times[0])} s — the scatter of a pixel needs ${String(least)}`,
        { hint: "give more darks of one exposure time: iris fits ls FOLDER" },
      );
    for (const { nx, sci } of images)
      if (nx !== first.nx || sci.length !== first.sci.length)
        throw new StepError(
          `dark_scatter: on ${String(images.length)} exposures — one is ${String(nx)} pixels wide, the first ${String(first.nx)}`,
          { hint: "give darks of one subarray: iris fits info FILES" },
        );
    const sci = alloc.f32(first.sci.length);
    const err = alloc.f32(first.sci.length);
    medianAndStd(
      sci,
      err,
      longest.map((image) => image.sci),
    );
    const { dq } = first;
    for (let i = 0; i < dq.length; i++) dq[i]! &= ~DQ.NONLINEAR;
    for (const shorter of groups.slice(1)) flagNonlinear(dq, longest, shorter, nonlinear_sigma);
    return complete(
      { ...first, sci, err, varPoisson: null, varRnoise: null },
      { NCOMBINE: images.length, ...(times.length > 1 ? { NEXPTIME: times.length } : {}) },
    );
  },
});

/** Compares the mean signal per second of two exposure times, within the errors and the scatter of their exposures. */
function flagNonlinear(dq: Uint32Array, a: readonly Image[], b: readonly Image[], nsigma: number): void {
  const long = { mean: 0, variance: 0 };
  const short = { mean: 0, variance: 0 };
  for (let i = 0; i < dq.length; i++) {
    rateOf(long, a, i);
    rateOf(short, b, i);
    const sigma = Math.sqrt(long.variance + short.variance);
    if (Math.abs(long.mean - short.mean) > nsigma * sigma) dq[i]! |= DQ.NONLINEAR;
  }
}

/**
 * Mean signal per second of pixel `i` and its variance: of the errors, or of the scatter where that is larger. Few
 * exposures can agree by chance, and errors can be too small.
 */
function rateOf(out: { mean: number; variance: number }, images: readonly Image[], i: number): void {
  const isRate = /\/s$/.test(images[0]!.unit);
  const time = isRate ? 1 : images[0]!.exposure.exptime;
  let [n, sum, squares, errors] = [0, 0, 0, 0];
  for (const { sci, err } of images) {
    const value = sci[i]! / time;
    if (value - value !== 0) continue;
    n++;
    sum += value;
    squares += value * value;
    errors += (err[i]! / time) ** 2;
  }
  out.mean = sum / n;
  const scatter = Math.max(0, squares / n - out.mean * out.mean) * n;
  out.variance = Math.max(errors, scatter) / (n * n);
}
