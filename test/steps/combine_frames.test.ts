import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { StepError } from "../../src/errors.js";
import { combineFrames } from "../../src/steps/combine_frames.js";
import { runStep, type Done } from "../acceptance/imager/steps.js";
import { close, image } from "../helpers/images.js";

/** One pixel seen by several frames. */
function pixel(
  values: readonly number[],
  params: Record<string, unknown> = {},
  { err, dq }: { err?: readonly number[]; dq?: readonly number[] } = {},
): Done & { value: number; error: number; flags: number } {
  const frames = values.map((v, i) => image([v], { err: [err?.[i] ?? 1], dq: [dq?.[i] ?? 0] }));
  const done = runStep(combineFrames, frames, { params: { ...params } });
  return { ...done, value: done.image.sci[0]!, error: done.image.err[0]!, flags: done.image.dq[0]! };
}

const plain = { do_sigma_clip: false, error_calc: "propagate" };

test("mean, median, and both weighted by 1/e²", (t) => {
  const err = [1, 1, 0.5];
  t.is(pixel([1, 2, 6], { ...plain, method: "mean" }, { err }).value, 3);
  t.is(pixel([1, 2, 6], { ...plain, method: "median" }, { err }).value, 2);
  // weights 1 1 4: (1 + 2 + 24)/6 = 4.5;  half of the weight, 3, is passed at 6
  t.is(pixel([1, 2, 6], { ...plain, method: "wmean" }, { err }).value, 4.5);
  t.is(pixel([1, 2, 6], { ...plain, method: "wmedian" }, { err }).value, 6);
  t.is(pixel([1, 2, 3, 6], { ...plain, method: "wmedian" }).value, 2.5);
});

test("weights are equal where no error is known", (t) => {
  t.is(pixel([1, 2, 6], { ...plain, method: "wmean" }, { err: [0, 0, 0] }).value, 3);
});

test("propagate: (Σ1/e²)^(−1/2) of the values used", (t) => {
  t.true(close([pixel([1, 1, 1, 1], plain, { err: [2, 2, 2, 2] }).error], [1]));
  t.true(close([pixel([1, 1, 9], plain, { err: [2, 2, 1], dq: [0, 0, 1] }).error], [Math.SQRT2]));
});

test("measure: s/√(n−1) from the scatter", (t) => {
  // 1 2 3 4: s² = 5/3; √(5/3/3)
  const { error } = pixel([1, 2, 3, 4], { do_sigma_clip: false });
  t.true(close([error], [Math.sqrt(5 / 9)]));
});

test("measure of a single value is its own error", (t) => {
  t.is(pixel([1, 5], { do_sigma_clip: false }, { err: [3, 1], dq: [0, 1] }).error, 3);
});

const quiet = [10, 10.1, 9.9, 10.2, 9.8, 10, 10.1];

test("an outlier is rejected on either side, its flags aside", (t) => {
  const method = "mean";
  const clean = pixel(quiet, { method });
  t.true(Math.abs(pixel([...quiet, 60], { method }).value - clean.value) < 1e-6);
  t.true(Math.abs(pixel([...quiet, -60], { method }).value - clean.value) < 1e-6);
});

test("rejected values don't count in the propagated error, but with liger's variant they do", (t) => {
  const run = (variant: string) => pixel([...quiet, 60], { error_calc: "propagate", variant }).error;
  t.true(close([run("iris")], [1 / Math.sqrt(7)]));
  t.true(close([run("liger")], [1 / Math.sqrt(8)]));
});

test("thresholds are values, not distances", (t) => {
  // 5 values: 9.9 … 10.2 spread too little to be clipped by σ
  const values = [10, 10.1, 9.9, 10.2, 9.8, 10];
  const high = pixel(values, { thresh_high: 10.15, sigma_thresh_low: 50, sigma_thresh_high: 50 });
  t.true(close([high.value], [(10 + 10.1 + 9.9 + 9.8 + 10) / 5]));
  const low = pixel(values, { thresh_low: 9.85, sigma_thresh_low: 50, sigma_thresh_high: 50 });
  t.true(close([low.value], [(10 + 10.1 + 9.9 + 10.2 + 10) / 5]));
});

test("num_mask_high limits the rejections of one pass, in the order of the frames", (t) => {
  const values = [...quiet, 60, 70];
  const one = pixel(values, { num_mask_high: 1, maxiters: 1 }).value;
  const sum = quiet.reduce((a, b) => a + b, 0);
  t.true(close([one], [(sum + 70) / 8]));
});

test("no more is rejected when min_batch_size values are left", (t) => {
  t.true(
    close([pixel([...quiet, 60], { min_batch_size: 8 }).value], [(quiet.reduce((a, b) => a + b) + 60) / 8]),
  );
});

test("flags: of those used by default, of any, or common to all", (t) => {
  const dq = [0, 4, 6];
  t.is(pixel([1, 1, 1], plain, { dq }).flags, 0);
  t.is(pixel([1, 1, 1], { ...plain, dq_reduce: "or" }, { dq }).flags, 6);
  t.is(pixel([1, 1, 1], { ...plain, dq_reduce: "and" }, { dq: [0, 4, 6] }).flags, 0);
});

test("where no frame is good: NaN, DO_NOT_USE, and what was wrong", (t) => {
  const { value, error, flags } = pixel([1, NaN], {}, { dq: [2048, 0] });
  t.deepEqual([value, error, flags], [NaN, NaN, 2048 | DQ.DO_NOT_USE]);
});

test("the number of frames is written, and frames of different shapes are refused", (t) => {
  t.is(pixel([1, 2, 3]).keywords["NCOMBINE"], 3);
  t.throws(() => runStep(combineFrames, [image([1]), image([1, 2])]), { instanceOf: StepError });
});
