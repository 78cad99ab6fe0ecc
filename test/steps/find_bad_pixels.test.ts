import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { StepError } from "../../src/errors.js";
import { darkScatter } from "../../src/steps/dark_scatter.js";
import { findBadPixels } from "../../src/steps/find_bad_pixels.js";
import { heap } from "../../src/kernels/alloc.js";
import { runStep } from "../acceptance/imager/steps.js";
import { close, image, planes } from "../helpers/images.js";

test("median and scatter of repeated darks, NaN left out", (t) => {
  const { image: out, keywords } = runStep(darkScatter, [
    image([1, 5, NaN]),
    image([2, 5, NaN]),
    image([6, NaN, NaN]),
  ]);
  // mean 3: (4 + 1 + 9)/3
  t.true(close(out.sci, [2, 5, NaN]));
  t.true(close(out.err, [Math.sqrt(14 / 3), 0, NaN]));
  t.is(keywords["NCOMBINE"], 3);
});

test("two darks tell no scatter", (t) => {
  const error = t.throws(() => runStep(darkScatter, [image([1]), image([2])]), { instanceOf: StepError });
  t.regex(error.message, /on 2 exposures of 0 s — the scatter of a pixel needs 3/);
});

/** Nine quiet pixels around 1 with madstd 1.4826 × 0.1, and three more. */
const quiet = [0.9, 1, 1.1, 0.9, 1, 1.1, 0.9, 1, 1.1];
const none = { border: 0 };
const find = (more: readonly number[], err: readonly number[], given = {}) =>
  runStep(findBadPixels, image([...quiet, ...more], { nx: 4, err: [...quiet, ...err] }), given);

test("hot, dead, unstable and without a value", (t) => {
  // deviations: median of 12 values 1, MAD 0.1 → ±1.48 for 10 σ
  const { image: out } = find([3, -1, NaN], [1, 1, 9], { params: none });
  t.deepEqual(
    [...out.dq.subarray(9)],
    [DQ.HOT | DQ.DO_NOT_USE, DQ.DEAD | DQ.DO_NOT_USE, DQ.UNRELIABLE_DARK | DQ.DO_NOT_USE],
  );
  t.true(out.dq.subarray(0, 9).every((flags) => flags === 0));
});

test("a flat tells the insensitive pixels, by its median", (t) => {
  const flat = planes([2, 2, 2, 2, 2, 2, 2, 2, 2, 0.3, 0.9, NaN], { nx: 4 });
  const { image: out, keywords } = find([1, 1, 1], [1, 1, 1], { params: none, refs: { flat } });
  t.deepEqual([...out.dq.subarray(9)], [DQ.DEAD | DQ.DO_NOT_USE, DQ.LOW_QE, DQ.NO_FLAT_FIELD]);
  t.deepEqual(
    [keywords["NDEAD"], keywords["NLOWQE"], keywords["NNOFLAT"], keywords["NBADPIX"]],
    [1, 1, 1, 1],
  );
});

test("an older map stays unless it is replaced", (t) => {
  const mask = planes(
    quiet.concat(1, 1, 1).map(() => 0),
    { nx: 4, dq: [DQ.WARM, ...new Array<number>(11).fill(0)] },
  );
  t.is(find([1, 1, 1], [1, 1, 1], { params: none, refs: { mask } }).image.dq[0], DQ.WARM);
  t.is(find([1, 1, 1], [1, 1, 1], { params: { ...none, replace: true }, refs: { mask } }).image.dq[0], 0);
});

test("the border of a full frame is reference pixels, whatever they read", (t) => {
  const { image: out } = runStep(findBadPixels, image([99, 99, 99, 99, 1, 99, 99, 99, 99], { nx: 3 }), {
    params: { border: 1 },
  });
  const edge = (DQ.REFERENCE_PIXEL | DQ.NON_SCIENCE) >>> 0;
  t.deepEqual([...out.dq], [edge, edge, edge, edge, 0, edge, edge, edge, edge]);
});

test("too many bad pixels are a caveat", (t) => {
  const frame = image([...quiet, 50, 50, 50], { nx: 4 });
  const outcome = findBadPixels.run(frame, {
    params: {
      hot_sigma: 10,
      cold_sigma: 10,
      noise_sigma: 10,
      dead_frac: 0.2,
      flat_low: 0.5,
      border: 0,
      replace: false,
    },
    refs: { flat: null, mask: null },
    members: {},
    exposure: frame.exposure,
    header: {},
    alloc: heap,
  });
  t.is(outcome.status, "partial");
});

test("signal that isn't proportional to the exposure time is NONLINEAR", (t) => {
  const dark = (exptime: number, sci: number[]) =>
    image(sci, { err: sci.map(() => 0.1), header: { EXPTIME: exptime } });
  // rates: the first pixel has 1/s in both times, the second 1/s and 3/s; σ = √(0.1²/3 + 0.1²/2) = 0.09
  const { image: scatter, keywords } = runStep(darkScatter, [
    dark(10, [1, 3]),
    dark(10, [1, 3]),
    dark(40, [1, 1]),
    dark(40, [1.01, 1]),
    dark(40, [0.99, 1]),
  ]);
  t.deepEqual([...scatter.dq], [0, DQ.NONLINEAR]);
  // of the longest exposures alone
  t.true(close(scatter.sci, [1, 1]));
  t.is(keywords["NEXPTIME"], 2);
  const { image: map, keywords: counts } = runStep(findBadPixels, scatter, { params: none });
  t.is(map.dq[1]! & DQ.NONLINEAR, DQ.NONLINEAR);
  t.is(counts["NNONLIN"], 1);
});
