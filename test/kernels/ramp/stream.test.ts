import test from "ava";
import fc from "fast-check";
import { design, makeEstimator, makeTiming, type Sampling } from "../../../src/kernels/ramp/sampling.js";
import {
  addSamples,
  beginRead,
  makeStream,
  matchesTiming,
  sampledRows,
  settle,
} from "../../../src/kernels/ramp/stream.js";

const samplings: Sampling[] = [
  { mode: "utr", nreads: 1, overlap: false },
  { mode: "cds", nreads: 1, overlap: false },
  { mode: "mcds", nreads: 2, overlap: false },
];

/** Σ w_k s_k of every pixel from all reads at once. */
function atOnce(sampling: Sampling, times: number[], reads: number[][]): number[] {
  const n = times.length;
  const full = makeEstimator(n);
  const used = Int32Array.from(times, (_, k) => k);
  design(full, sampling, makeTiming(times, 1, 1), used, new Uint8Array(n), n);
  return reads[0]!.map((_, p) => reads.reduce((sum, read, k) => sum + full.weights[k]! * read[p]!, 0));
}

function summed(sampling: Sampling, times: number[], reads: number[][]): number[] {
  const pixels = reads[0]!.length;
  const stream = makeStream(sampling, pixels);
  reads.forEach((read, k) => {
    beginRead(stream, times[k]!);
    // in two parts, as bands of rows come
    const half = pixels >> 1;
    addSamples(stream, Float32Array.from(read.slice(0, half)), 0);
    addSamples(stream, Float32Array.from(read.slice(half)), half);
    if (k % 3 === 1) settle(stream);
  });
  const into = new Float64Array(pixels);
  sampledRows(into, stream, makeTiming(times, 1, 1), 0);
  return [...into];
}

for (const sampling of samplings)
  test(`${sampling.mode}: sums over reads as they come = weights over all reads, exactly for whole numbers`, (t) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 65535 })),
        (n, pixels, tframe, values) => {
          const times = Array.from({ length: n }, (_, k) => tframe * (k + 1));
          const reads = times.map(() => Array.from({ length: pixels }, () => values.next().value as number));
          t.deepEqual(summed(sampling, times, reads), atOnce(sampling, times, reads));
        },
      ),
      { numRuns: 50 },
    );
  });

test("uneven times: the slope's sums agree to rounding", (t) => {
  const times = [0.7, 1.4, 3.5, 4.2, 7.7];
  const reads = times.map((time) => [1000 + 3 * time, 60000 - 11 * time]);
  const [utr] = samplings as [Sampling];
  const [a, b] = [summed(utr, times, reads), atOnce(utr, times, reads)];
  // samples are rounded to single precision on their way in: 60000 · 2⁻²⁴ = 0.004, times Σ|w|
  a.forEach((value, p) => t.true(Math.abs(value - b[p]!) < 0.05, `${value} ${b[p]}`));
});

test("differences want their reads in order; the slope doesn't", (t) => {
  const timing = makeTiming([1, 2, 3, 4], 1, 1);
  for (const sampling of samplings) {
    const stream = makeStream(sampling, 1);
    for (const time of [2, 1, 3, 4]) beginRead(stream, time);
    t.is(matchesTiming(stream, timing), sampling.mode === "utr");
  }
});

test("sums of other reads than planned don't match", (t) => {
  const stream = makeStream(samplings[0]!, 1);
  for (const time of [1, 2, 3]) beginRead(stream, time);
  t.false(matchesTiming(stream, makeTiming([1, 2, 3, 4], 1, 1)));
  t.false(matchesTiming(stream, makeTiming([1, 2, 3.5], 1, 1)));
  t.true(matchesTiming(stream, makeTiming([1, 2, 3.001], 1, 1)));
});
