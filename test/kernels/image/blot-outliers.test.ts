import test from "ava";
import { flagOutliersOf } from "../../../src/kernels/image/blot-outliers.js";

const BAD = 1;
const HIT = 16;
const policy = { snr: [5, 4], scale: [1.2, 0.7], level: 0, bad: BAD, flags: HIT } as const;

const judge = (
  sci: number[],
  clean: number[],
  dq: number[] = sci.map(() => 0),
  nx = sci.length,
): number[] => {
  const image = {
    nx,
    ny: sci.length / nx,
    sci: Float32Array.from(sci),
    err: new Float32Array(sci.length).fill(1),
    dq: Uint32Array.from(dq),
  };
  flagOutliersOf(image, Float32Array.from(clean), policy);
  return [...image.dq];
};

test("a hit beyond 5σ takes its neighbours beyond 4σ with it, which alone are none", (t) => {
  const none = [0, 0, 0, 0, 0, 0, 0];
  t.deepEqual(judge([4.5, 6, 4.5, 0, 4.5, 0, 4.5], none), [HIT, HIT, HIT, 0, 0, 0, 0]);
  // diagonally, too: 3 × 3 pixels, the hit in one corner
  t.deepEqual(judge([6, 0, 0, 4.5], [0, 0, 0, 0], [0, 0, 0, 0], 2), [HIT, 0, 0, HIT]);
});

test("where the clean picture is steep more is allowed: 1.2 × 10 + 5 = 17", (t) => {
  const clean = [0, 0, 10, 0, 0];
  t.deepEqual(judge([0, 0, 26.9, 0, 0], clean), [0, 0, 0, 0, 0]);
  t.deepEqual(judge([0, 0, 27.1, 0, 0], clean), [0, 0, HIT, 0, 0]);
});

test("below the median as above it; bad pixels and what isn't a number aren't judged", (t) => {
  t.deepEqual(judge([-6, 0, 6, NaN, 6], [0, 0, NaN, 0, 0], [0, 0, 0, 0, BAD]), [HIT, 0, 0, 0, BAD]);
});
