import test from "ava";
import { background } from "../../src/steps/background.js";
import { combineFrames } from "../../src/steps/combine_frames.js";
import { darkSub } from "../../src/steps/dark_sub.js";
import { flatField } from "../../src/steps/flat_field.js";
import { imageOf, runStep } from "../acceptance/imager/steps.js";
import { normal, planes } from "../helpers/images.js";

// Every pixel is one experiment: true values, each observed once with its own noise.
const TRIALS = 200_000;
const [SIGMA, DARK, DARK_ERR, FLAT, FLAT_ERR, SKY, SKY_ERR] = [3, 7, 2, 0.8, 0.02, 40, 1.5];
const TRUTH = 200;

function observed(seed: number, value: number, err: number) {
  const gauss = normal(seed);
  return planes(
    Array.from({ length: TRIALS }, () => value + err * gauss()),
    { err: Array.from({ length: TRIALS }, () => err) },
  );
}

/** Mean and standard deviation of (SCI − truth)/ERR. */
function pull({ sci, err }: { sci: Float32Array; err: Float32Array }, truth: number): [number, number] {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < sci.length; i++) {
    const p = (sci[i]! - truth) / err[i]!;
    sum += p;
    squares += p * p;
  }
  const mean = sum / sci.length;
  return [mean, Math.sqrt(squares / sci.length - mean * mean)];
}

test("dark, flat and background: (SCI − truth)/ERR is a unit normal", (t) => {
  const raw = (TRUTH + SKY) * FLAT + DARK;
  let image = imageOf(observed(1, raw, SIGMA));
  image = runStep(darkSub, image, { refs: { dark: observed(2, DARK, DARK_ERR) } }).image;
  image = runStep(flatField, image, { refs: { flat: observed(3, FLAT, FLAT_ERR) } }).image;
  const members = { background: [5, 6, 7].map((seed) => observed(seed, SKY, SKY_ERR)) };
  image = runStep(background, image, { members, params: { propagate_err: true } }).image;
  const [mean, width] = pull(image, TRUTH);
  // The standard error of the width is 1/√(2·200 000) = 0.0016; 1/F is convex, which shifts the mean by e_F²/F².
  t.true(Math.abs(width - 1) < 0.01, `width ${String(width)}`);
  t.true(Math.abs(mean) < 0.03, `mean ${String(mean)}`);
});

test("combine_frames, weighted mean: the propagated error is the scatter", (t) => {
  const frames = [11, 12, 13, 14].map((seed, i) => imageOf(observed(seed, TRUTH, 1 + i)));
  const { image } = runStep(combineFrames, frames, {
    params: { method: "wmean", do_sigma_clip: false, error_calc: "propagate" },
  });
  const [mean, width] = pull(image, TRUTH);
  t.true(Math.abs(width - 1) < 0.01, `width ${String(width)}`);
  t.true(Math.abs(mean) < 0.01, `mean ${String(mean)}`);
});
