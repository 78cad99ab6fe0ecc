import test from "ava";
import { DQ } from "../../src/data/dq.js";
import type { Image } from "../../src/data/kinds.js";
import type { Amplifier } from "../../src/data/parts.js";
import { CalibrationError, StepError } from "../../src/errors.js";
import { bias } from "../../src/steps/bias.js";
import { ccdInit } from "../../src/steps/ccd_init.js";
import { checkBias } from "../../src/steps/check_bias.js";
import { gain } from "../../src/steps/gain.js";
import { overscan } from "../../src/steps/overscan.js";
import { photonNoise } from "../../src/steps/photon_noise.js";
import { response } from "../../src/steps/response.js";
import { runStep } from "../acceptance/imager/steps.js";
import { close, image, normal, planes } from "../helpers/images.js";
import { runOn } from "../helpers/run-step.js";

/** Two columns of data and three of overscan. */
const one: Amplifier = {
  name: "1",
  data: { x0: 0, y0: 0, nx: 2, ny: 2 },
  overscan: { x0: 2, y0: 0, nx: 3, ny: 2 },
  x0: 0,
  y0: 0,
  gain: 2,
  readNoise: 6,
};

const frame = (sci: readonly number[], nx: number, amplifiers: readonly Amplifier[], unit = "DN"): Image => {
  const made = image(sci, { nx });
  return { ...made, unit, exposure: { ...made.exposure, amplifiers } };
};

const small = () => frame([10, 20, 1, 2, 3, 30, 40, 4, 5, 9], 5, [one]);

test("overscan: the mean of each line's overscan goes from its data; e' = √(e² + σ²/n)", (t) => {
  const { product, keywords } = runOn<Image>(overscan, small(), {}, { function: "lines", sigma: null });
  // levels 2 and 6; σ² = (1+0+1 + 4+1+9) / 4 = 4, over 3
  t.deepEqual([...product.sci], [8, 18, -1, 0, 1, 24, 34, -2, -1, 3]);
  t.true(close([product.err[0]!, product.err[9]!], [Math.sqrt(4 / 3), Math.sqrt(4 / 3)]));
  t.is(keywords["OSCMED1"], 6);
});

test("overscan: a median's variance is π/2 of a mean's", (t) => {
  const params = { function: "lines", sigma: null, method: "median" };
  const { product } = runOn<Image>(overscan, small(), {}, params);
  // levels 2 and 5
  t.deepEqual([...product.sci.subarray(5, 7)], [25, 35]);
  t.true(close([product.err[0]!], [Math.sqrt(((Math.PI / 2) * 4) / 3)]));
});

test("overscan: one level for all lines is a polynomial of one coefficient", (t) => {
  const { product } = runOn<Image>(overscan, small(), {}, { function: "polynomial", order: 1, sigma: null });
  // (2 + 6) / 2
  t.deepEqual([...product.sci.subarray(0, 2)], [6, 16]);
});

test("overscan above the data is a level by column", (t) => {
  const above: Amplifier = {
    ...one,
    data: { x0: 0, y0: 0, nx: 3, ny: 1 },
    overscan: { x0: 0, y0: 1, nx: 3, ny: 2 },
  };
  const given = frame([10, 20, 30, 1, 2, 3, 3, 4, 7], 3, [above]);
  const { product } = runOn<Image>(overscan, given, {}, { function: "lines", sigma: null });
  // (1+3)/2, (2+4)/2, (3+7)/2
  t.deepEqual([...product.sci.subarray(0, 3)], [8, 17, 25]);
});

test("overscan: a section of the user's serves the whole frame", (t) => {
  const params = { biassec: "[3:5,1:2]", function: "lines", sigma: null };
  const { product } = runOn<Image>(
    overscan,
    image([10, 20, 1, 2, 3, 30, 40, 4, 5, 9], { nx: 5 }),
    {},
    params,
  );
  t.deepEqual([...product.sci.subarray(0, 2)], [8, 18]);
});

test("overscan: more coefficients than lines are refused", (t) => {
  t.throws(() => runOn(overscan, small(), {}, { function: "polynomial", order: 3 }), {
    instanceOf: StepError,
  });
});

test("ccd_init: the scatter of the overscan is the read noise; beyond the data nothing is used", (t) => {
  const { product, keywords } = runOn<Image>(ccdInit, small(), {}, { saturation: 40 });
  t.is(product.err[0], 2);
  t.is(keywords["RONDN1"], 2);
  t.deepEqual(
    [...product.dq.subarray(5)],
    [0, DQ.SATURATED, ...[0, 0, 0].map(() => (DQ.REFERENCE_PIXEL | DQ.DO_NOT_USE) >>> 0)],
  );
});

test("ccd_init: the header's read noise in DN where there is no overscan, or it isn't wanted", (t) => {
  // 6 e⁻ / 2
  t.is(runOn<Image>(ccdInit, small(), {}, { measure: false }).product.err[0], 3);
  t.is(runOn<Image>(ccdInit, small(), {}, { read_noise: [7] }).product.err[0], 7);
});

test("ccd_init: an unknown read noise is a caveat", (t) => {
  const outcome = runOn<Image>(ccdInit, frame([1, 2], 2, [{ ...one, overscan: null, readNoise: null }]));
  t.is(outcome.status === "partial" && outcome.caveats[0]!.code, "READ_NOISE");
});

test("gain: each amplifier's own, errors with it", (t) => {
  const left = { ...one, data: { x0: 0, y0: 0, nx: 1, ny: 1 }, overscan: null };
  const right = { ...left, name: "2", data: { ...left.data, x0: 1 }, gain: 3 };
  const given = { ...frame([10, 10], 2, [left, right]), err: Float32Array.of(1, 1) };
  const { product, keywords } = runOn<Image>(gain, given);
  t.deepEqual([...product.sci], [20, 30]);
  t.deepEqual([...product.err], [2, 3]);
  t.deepEqual([product.unit, keywords], ["electron", { EGAIN1: 2, EGAIN2: 3 }]);
});

test("gain: one that nobody knows is an error that says how to give it", (t) => {
  const error = t.throws(() => runOn(gain, frame([1], 1, [{ ...one, gain: null }])), {
    instanceOf: StepError,
  });
  t.regex(error.hint!, /gain\.gain/);
});

test("photon noise: e' = √(e² + d), nothing for what is below zero; electrons only", (t) => {
  const given = { ...frame([16, -5], 2, [one], "electron"), err: Float32Array.of(3, 3) };
  t.deepEqual([...runOn<Image>(photonNoise, given).product.err], [5, 3]);
  t.throws(() => runOn(photonNoise, small()), { instanceOf: StepError });
});

test("bias: d' = d − B, e' = √(e² + e_B²), q' = q | q_B; NaN counts as 0", (t) => {
  const given = planes([1, NaN], { err: [4, 12], dq: [0, 2048] });
  const { image: out } = runStep(bias, image([10, 20], { err: [3, 5], dq: [1, 4] }), {
    refs: { bias: given },
  });
  t.deepEqual(
    [[...out.sci], [...out.err], [...out.dq]],
    [
      [9, 20],
      [5, 13],
      [1, 2052],
    ],
  );
});

test("bias: one in electrons can't go from counts; adu and DN are the same", (t) => {
  const run = (unit: string) => {
    const given = planes([1], { header: { BUNIT: unit } });
    return runStep(bias, { ...image([10]), unit: "DN" }, { refs: { bias: given } });
  };
  t.throws(() => run("electron"), { instanceOf: CalibrationError });
  t.is(run("adu").image.sci[0], 9);
});

test("check_bias: fit with noise as its errors say; a rough one, or one with a level, isn't", (t) => {
  const noise = normal(9);
  const values = Array.from({ length: 2000 }, () => 2 * noise());
  const judge = (scale: number, level: number, params = {}) => {
    const sci = values.map((value) => level + scale * value);
    return runOn<Image>(checkBias, image(sci, { err: sci.map(() => 2), nx: 50 }), {}, params);
  };
  t.is(judge(1, 3).status, "complete");
  t.regex(
    String(judge(1, 3).keywords["CALWHY"]),
    /^0 % bad, level [23]\.\d\d DN, scatter (0\.9|1\.0)\d of its errors$/,
  );
  for (const outcome of [judge(10, 0), judge(1, 3, { max_level: 1 })])
    t.is(outcome.status === "partial" && outcome.caveats[0]!.code, "UNFIT");
});

test("response: a lamp's spectrum goes from the flat, pixels and slit stay", (t) => {
  const [nx, ny] = [120, 30];
  const noise = normal(5);
  const lamp = (x: number): number => 1000 * Math.exp(2 * Math.sin(x / 40));
  const own = Array.from({ length: nx * ny }, (_, i) => (i < 4 * nx ? 0.01 : 1 + 0.02 * noise()));
  const given = image(
    own.map((f, i) => f * lamp(i % nx)),
    { nx },
  );
  const { product } = runOn<Image>(response, given, {}, { pieces: 12 });
  const off = own.map((f, i) => Math.abs(product.sci[i]! - f));
  t.true(Math.max(...off) < 0.03, String(Math.max(...off)));
});
