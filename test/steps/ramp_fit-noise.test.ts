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

/** Rates and errors of simulated pixels that collect `electrons` from first to last read, and what they should be. */
function simulate(electrons: number, ngroups: number, gain: number, params: Record<string, unknown>) {
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
  return { rate, ...runOn<Image>(rampFit, ramp, {}, params, memory).product };
}

/** Median and robust width of (SCI − truth)/ERR. */
function pulls(...given: Parameters<typeof simulate>) {
  const { sci, err, rate } = simulate(...given);
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

/** Correlation coefficient. */
function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array): number => values.reduce((x, y) => x + y, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - ma) * (b[i]! - mb);
    aa += (value - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}

// 9 e⁻ of read noise in 20 reads are 0.35 e⁻/s of the slope
for (const [mode, least, most, error] of [
  ["utr", 0, 0.3, 0.353],
  // the photon noise of a pixel by its own rate, as the authors of these have it
  ["likelihood", 0.8, 0.9, 0.362],
  ["ols", 0, 0.3, 0.398],
] as const)
  test(`errors of dark pixels: what decisions.md says of ${mode}`, (t) => {
    const { sci, err } = simulate(0, 20, 3, { mode });
    const goes = correlation(sci, err);
    t.true(goes > least && goes < most, `correlation ${goes}`);
    const mean = err.reduce((a, b) => a + b, 0) / err.length;
    t.true(Math.abs(mean - error) < 0.002, `mean error ${mean}`);
  });
