import test from "ava";
import { fitLikelihood } from "../../../src/kernels/ramp/likelihood.js";
import { makeDifferences } from "../../../src/kernels/ramp/likelihood-differences.js";
import { thresholdsOf } from "../../../src/kernels/ramp/likelihood-search.js";
import { normal, uniform } from "../../helpers/images.js";

/** Eight groups of four reads, one read dropped between them; fluxes from 0.5 to 3000 e⁻/s, evenly in their logarithm. */
const [n, ngroups, nframes, groupgap, tframe, gain, readNoise] = [60_000, 8, 4, 1, 0.9, 1.8, 6];
const random = uniform(2026);
const gauss = normal(11);

function poisson(mean: number): number {
  if (mean > 30) return Math.round(mean + Math.sqrt(mean) * gauss());
  const limit = Math.exp(-mean);
  let k = 0;
  for (let p = random(); p > limit; p *= random()) k++;
  return k;
}

/** Pulls of all pixels, and of those that no hit has touched. A hit gives its four neighbours a tenth of its charge each. */
function pulls(hits: number): { all: number[]; untouched: number[] } {
  const truth = Float64Array.from({ length: n }, () => 0.5 * 6000 ** random());
  const sci = new Float32Array(n * ngroups);
  const touched = new Uint8Array(n);
  for (let p = 0; p < n; p++) {
    let charge = 20 * gauss();
    for (let k = 0; k < ngroups * (nframes + groupgap); k++) {
      const [g, read] = [Math.floor(k / (nframes + groupgap)), k % (nframes + groupgap)];
      charge += poisson(truth[p]! * tframe);
      for (const [chance, share] of [
        [hits, 1],
        [4 * hits, 0.1],
      ] as const)
        if (random() < chance) {
          charge += share * 400 * Math.exp(1.2 * gauss());
          touched[p] = 1;
        }
      if (read < nframes) sci[g * n + p]! += (charge + readNoise * gauss()) / gain / nframes;
    }
  }
  const plane = () => new Float32Array(n);
  const fit = {
    slope: plane(),
    err: plane(),
    varP: plane(),
    varR: plane(),
    chisq: plane(),
    dq: new Uint32Array(n),
  };
  const times = Array.from({ length: ngroups }, (_, g) =>
    Array.from({ length: nframes }, (__, k) => tframe * (g * (nframes + groupgap) + k + 1)),
  );
  fitLikelihood(
    {
      ...{
        nints: 1,
        ngroups,
        sci,
        groupdq: new Uint8Array(sci.length),
        pixeldq: new Uint32Array(n),
        dark: null,
      },
      gain: new Float64Array(n).fill(gain),
      readNoise: new Float64Array(n).fill((readNoise * Math.SQRT2) / gain),
      differences: makeDifferences(times),
      thresholds: thresholdsOf(4.5),
    },
    fit,
    null,
  );
  const all = Array.from(truth, (rate, p) => (fit.slope[p]! - rate / gain) / fit.err[p]!);
  return { all, untouched: all.filter((_, p) => touched[p] === 0) };
}

function spread(values: number[]): { median: number; width: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)]!;
  return { median: at(0.5), width: (at(0.8413) - at(0.1587)) / 2 };
}

// the standard error of a median of 60,000 is 0.005
test("the likelihood's rates have no bias, and errors that hold", (t) => {
  const { median, width } = spread(pulls(0).all);
  t.log({ median, width });
  t.true(Math.abs(median) < 0.02);
  t.true(Math.abs(width - 1) < 0.02);
});

test("with hits, what is too small to be seen stays in the rate; pixels that none has touched have no bias", (t) => {
  const { all, untouched } = pulls(0.001);
  t.log({ all: spread(all), untouched: spread(untouched) });
  t.true(Math.abs(spread(untouched).median) < 0.025);
  t.true(Math.abs(spread(untouched).width - 1) < 0.025);
  t.true(spread(all).median > 0.03 && spread(all).median < 0.1);
});
