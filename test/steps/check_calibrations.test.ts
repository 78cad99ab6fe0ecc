import test from "ava";
import { DQ } from "../../src/data/dq.js";
import type { Image } from "../../src/data/kinds.js";
import { preprocessFlatfield } from "../../src/pipelines/preprocess_flatfield.js";
import type { AnyStep } from "../../src/step/define.js";
import { checkDark } from "../../src/steps/check_dark.js";
import { checkFlat } from "../../src/steps/check_flat.js";
import { checkSky } from "../../src/steps/check_sky.js";
import { image, normal, planes } from "../helpers/images.js";
import { referenceOf } from "../acceptance/imager/steps.js";
import { runOn } from "../helpers/run-step.js";

const side = 128;

/** A frame of noise about a level, some of its pixels changed. */
function frame(level: number, sigma: number, change: (i: number, value: number) => number = (_, v) => v) {
  const noise = normal(3);
  return Array.from({ length: side * side }, (_, i) => change(i, level + sigma * noise()));
}

const judge = (
  step: AnyStep,
  sci: readonly number[],
  more: { err?: number; dq?: readonly number[]; params?: object } = {},
) => {
  const planesOf = { nx: side, err: sci.map(() => more.err ?? 0), ...(more.dq ? { dq: more.dq } : {}) };
  const outcome = runOn<Image>(step, image(sci, planesOf), {}, { ...more.params });
  const caveats = outcome.status === "partial" ? outcome.caveats : [];
  return { caveats, codes: caveats.map(({ code }) => code), keywords: outcome.keywords };
};

/** Every nth pixel flagged. */
const flagged = (n: number, flag: number) =>
  Array.from({ length: side * side }, (_, i) => (i % n === 0 ? flag : 0));

test("check_dark: fit with few hot pixels; many of them, or many bad ones, speak against it", (t) => {
  const fit = judge(checkDark, frame(0.002, 0.01));
  t.deepEqual(fit.codes, []);
  t.regex(
    String(fit.keywords["CALWHY"]),
    /^0 % bad, 0 % hot, level 0\.00\d+, scatter 0\.0(099|10) electron\/s$/,
  );
  // one pixel in ten is hot: 1 is a hundred deviations above the median
  const hot = judge(
    checkDark,
    frame(0.002, 0.01, (i, value) => (i % 10 === 0 ? 1 : value)),
  );
  t.deepEqual(hot.codes, ["UNFIT"]);
  t.regex(hot.caveats[0]!.message, /^10 % of the pixels are hot; 5 % are allowed$/);
  t.is(hot.keywords["NHOT"], Math.ceil((side * side) / 10));
  const bad = judge(checkDark, frame(0.002, 0.01), { dq: flagged(8, DQ.DO_NOT_USE) });
  t.regex(bad.caveats[0]!.message, /^13 % of the pixels are bad/);
  t.deepEqual(judge(checkDark, frame(0, 1), { dq: flagged(8, DQ.HOT) }).codes, []);
});

test("check_dark: light on a corner is told, and doesn't keep the dark out", (t) => {
  const lit = judge(
    checkDark,
    frame(0, 1, (i, value) => (i % side < 64 || i < 64 * side ? value : value + 8)),
  );
  t.deepEqual(lit.codes, ["DARK_STRUCTURE"]);
});

test("check_flat: fit with 0.5 % of error; 2 % of error, a rough response or dead pixels speak against it", (t) => {
  const fit = judge(checkFlat, frame(1, 0.02), { err: 0.005 });
  t.deepEqual(fit.codes, []);
  t.true(Math.abs(Number(fit.keywords["FLATERR"]) - 0.005) < 1e-4);
  const dim = judge(checkFlat, frame(1, 0.02), { err: 0.02 });
  t.regex(dim.caveats[0]!.message, /^an error of 2 % per pixel; 1 % is allowed: take more light$/);
  t.regex(judge(checkFlat, frame(1, 0.5), { err: 0.001 }).caveats[0]!.message, /^the response scatters by/);
  for (const flag of [DQ.DO_NOT_USE, DQ.NO_FLAT_FIELD, DQ.DEAD]) {
    const dead = judge(checkFlat, frame(1, 0.02), { err: 0.005, dq: flagged(10, flag) });
    t.regex(dead.caveats[0]!.message, /^10 % of the pixels are bad; 5 % are allowed$/);
  }
  t.deepEqual(judge(checkFlat, frame(1, 0.02), { err: 0.02, params: { max_error: 0.03 } }).codes, []);
});

test("check_sky: fit when empty; an object that is left, or pixels without sky, speak against it", (t) => {
  t.deepEqual(judge(checkSky, frame(20, 0.5)).codes, []);
  // a blob of 12² pixels, 0.9 % of the frame, 20 deviations high
  const inside = (i: number) => Math.abs((i % side) - 60) < 6 && Math.abs(Math.floor(i / side) - 60) < 6;
  const left = judge(
    checkSky,
    frame(20, 0.5, (i, value) => (inside(i) ? value + 10 : value)),
  );
  t.deepEqual(left.codes, ["UNFIT"]);
  t.regex(left.caveats[0]!.message, /^objects are left on 0\.\d+ % of the frame; 0\.5 % is allowed$/);
  const few = judge(checkSky, frame(20, 0.5), { dq: flagged(10, DQ.DO_NOT_USE) });
  t.regex(few.caveats[0]!.message, /^10 % of the pixels have no sky; 5 % are allowed: move more/);
  t.regex(judge(checkSky, empty()).caveats[0]!.message, /^no part of the frame has enough good pixels$/);
});

const empty = () => frame(0, 0, () => NaN);

test("preprocess_flatfield: dark, then division by the median", (t) => {
  const refs = { dark: referenceOf(planes([1, 1, 1]), "dark.fits") };
  const flat = preprocessFlatfield.entries.reduce(
    (product, { step }) => runOn<Image>(step, product, refs).product,
    image([3, 5, 9]),
  );
  // 2 4 8 by their median 4
  t.deepEqual([...flat.sci], [0.5, 1, 2]);
});
