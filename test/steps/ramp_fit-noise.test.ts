import test from "ava";
import type { Image } from "../../src/data/kinds.js";
import { kernelMemory } from "../../src/kernels/memory.js";
import { rampFit } from "../../src/steps/ramp_fit.js";
import { normal, uniform } from "../helpers/images.js";
import { exposureOf, rawRampOf, readoutOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const [nx, ny] = [256, 64];
const readNoise = 9;

/** Electrons that arrive where `mean` are expected (Knuth's product of uniforms). */
function poisson(mean: number, next: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = next(); product > limit; product *= next()) count++;
  return count;
}

const median = (values: Float64Array): number => values.toSorted()[values.length >> 1]!;

/** Median and robust width of (SCI − truth)/ERR over simulated pixels that collect `electrons` from first to last read. */
function pulls(electrons: number, ngroups: number, gain: number, params: Record<string, unknown>) {
  const memory = kernelMemory();
  memory.reset();
  const [next, deviate] = [uniform(ngroups + 100 * electrons + 1), normal(3 + electrons)];
  const rate = electrons / (ngroups - 1);
  const counts = new Float64Array(ngroups * nx * ny);
  for (let i = 0; i < nx * ny; i++) {
    let charge = 3000 + next() * gain;
    for (let g = 0; g < ngroups; g++) {
      if (g > 0) charge += poisson(rate, next);
      counts[g * nx * ny + i] = Math.round((charge + readNoise * deviate()) / gain);
    }
  }
  const exposure = exposureOf(readoutOf(ngroups), { gain, readNoise });
  const ramp = rawRampOf({ nx, ny, ngroups, nints: 1 }, counts, exposure, memory);
  const { sci, err } = runOn<Image>(rampFit, ramp, {}, params, memory).product;
  const pull = Float64Array.from(sci, (value, i) => (value - rate) / err[i]!);
  const centre = median(pull);
  return { centre, width: 1.4826 * median(pull.map((value) => Math.abs(value - centre))) };
}

// 16384 pixels: the median is known to ±0.01, the width to ±0.009 (1σ)
for (const [electrons, ngroups, gain, params] of [
  [0, 20, 3, { mode: "utr" }],
  [5, 20, 3, { mode: "utr" }],
  [100, 20, 3, { mode: "utr" }],
  [2000, 20, 3, { mode: "utr" }],
  [2000, 5, 1, { mode: "utr" }],
  [1000, 16, 1, { mode: "mcds", nreads: 4 }],
  [1000, 8, 1, { mode: "cds" }],
  // digitising in steps of 20 e⁻ adds 5.8 e⁻ to the 9 e⁻ of a read: without that the pulls would be 20 % too wide
  [0, 20, 20, { mode: "utr" }],
] as const)
  test(`pulls are standard normal: ${electrons} e⁻, ${ngroups} reads, ${gain} e⁻/DN, ${params.mode}`, (t) => {
    const { centre, width } = pulls(electrons, ngroups, gain, params);
    t.true(Math.abs(centre) < 0.04, `median ${centre}`);
    t.true(width > 0.96 && width < 1.04, `width ${width}`);
  });
