/** Removes the stripes of 1/f noise, by the medians of lines of empty sky. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Ramp } from "../data/kinds.js";
import { planeSize, samples } from "../data/ramp.js";
import { rawF32 } from "../kernels/raw.js";
import type { Alloc } from "../kernels/alloc.js";
import { cleanRamp, sceneMask } from "../kernels/ramp/flicker.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const cleanFlickerNoise = defineStep({
  name: "clean_flicker_noise",
  summary: "Subtract the median of empty sky along each line of the slow axis, read by read.",
  equation: "S'_{g+1} = S'_g + clean(S_{g+1} − S_g), clean(d) = d − median of its line where no source is",
  input: "ramp",
  output: "ramp",
  locality: "frame",
  status: "S_CLNFNS",
  params: v.object({
    n_sigma: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 2),
      v.description("pixels further above the background than this are sources"),
    ),
  }),
  skip: ({ axes }) => ((axes[2] ?? 1) < 2 ? "a single group has no differences" : undefined),
  run(ramp, { params, header, alloc }) {
    const slow = header["SLOWAXIS"];
    const options = {
      nSigma: params.n_sigma,
      slow: typeof slow === "number" && Math.abs(slow) === 1 ? (1 as const) : (2 as const),
    };
    const scene = sceneMask(draftRate(ramp, alloc), options);
    const drop = DQ.DO_NOT_USE | DQ.JUMP_DET;
    cleanRamp(samples(ramp, alloc), ramp.groupdq, ramp, scene, drop, options);
    return complete(ramp);
  },
});

/** The mean difference of the usable neighbouring reads: enough to see where sources are. NaN where there is none. */
function draftRate(ramp: Ramp, alloc: Alloc): Float32Array {
  const { nints, ngroups, groupdq } = ramp;
  const sci = samples(ramp, alloc);
  const n = planeSize(ramp);
  const rate = rawF32(alloc, n);
  const bad = DQ.DO_NOT_USE | DQ.SATURATED;
  for (let p = 0; p < n; p++) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < nints; i++)
      for (let g = 1, at = i * ngroups * n + n + p; g < ngroups; g++, at += n) {
        if (
          groupdq &&
          (((groupdq[at]! | groupdq[at - n]!) & bad) !== 0 || (groupdq[at]! & DQ.JUMP_DET) !== 0)
        )
          continue;
        sum += sci[at]! - sci[at - n]!;
        count++;
      }
    rate[p] = (ramp.pixeldq[p]! & DQ.DO_NOT_USE) !== 0 ? NaN : sum / count;
  }
  return rate;
}
