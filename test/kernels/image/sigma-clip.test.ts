import test from "ava";
import { clipRun, madstdOfRun, type ClipPolicy } from "../../../src/kernels/image/sigma-clip.js";

const policy = (change: Partial<ClipPolicy>): ClipPolicy => ({
  sigmaLow: 2,
  sigmaHigh: 2,
  iterations: Infinity,
  center: "median",
  deviation: "std",
  ...change,
});

function survivors(values: readonly number[], change: Partial<ClipPolicy> = {}): number[] {
  const sorted = Float64Array.from(values);
  const run = { from: 0, to: sorted.length };
  clipRun(sorted, run, policy(change));
  return [...sorted.subarray(run.from, run.to)];
}

test("passes go on until nothing changes, or as many as are asked for", (t) => {
  const values = [1, 1, 1, 1, 1, 11, 101];
  t.deepEqual(survivors(values), [1, 1, 1, 1, 1]);
  t.deepEqual(survivors(values, { iterations: 1 }), [1, 1, 1, 1, 1, 11]);
  t.deepEqual(survivors(values, { iterations: 0 }), values);
});

test("each side has its own limit", (t) => {
  const values = [-9, 0, 0, 0, 0, 0, 9];
  t.deepEqual(survivors(values, { sigmaLow: 100, sigmaHigh: 1 }), [-9, 0, 0, 0, 0, 0]);
  t.deepEqual(survivors(values, { sigmaLow: 1, sigmaHigh: 100 }), [0, 0, 0, 0, 0, 9]);
});

test("limits are survived: only what lies beyond goes", (t) => {
  // median 0, std 1
  t.deepEqual(survivors([-1, -1, 1, 1], { sigmaLow: 1, sigmaHigh: 1 }), [-1, -1, 1, 1]);
});

test("a value within the last limits is back", (t) => {
  // Median 0, MAD 1: 3·1.4826 = 4.45 drops 4.6. Of the other six the deviations from their median −0.5 are
  // 0.5 0.5 1.5 1.5 2.5 2.5, MAD 1.5: the limit −0.5 + 6.67 takes 4.6 back.
  const values = [-3, -2, -1, 0, 1, 1, 4.6];
  const first = survivors(values, { sigmaLow: 3, sigmaHigh: 3, deviation: "madstd", iterations: 1 });
  t.deepEqual(first, [-3, -2, -1, 0, 1, 1]);
  t.deepEqual(survivors(values, { sigmaLow: 3, sigmaHigh: 3, deviation: "madstd" }), values);
});

test("madstd = 1.4826 × median |v − median|", (t) => {
  t.is(madstdOfRun(Float64Array.of(0, 1, 2, 4, 50), { from: 0, to: 5 }), 1.482602218505602 * 2);
});
