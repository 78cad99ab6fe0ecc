import test from "ava";
import { StepError } from "../../src/errors.js";
import { calcBkgImager } from "../../src/steps/calc_bkg_imager.js";
import { subtractBkg } from "../../src/steps/subtract_bkg.js";
import type { Planes } from "../acceptance/imager/case.js";
import { imageOf, runStep } from "../acceptance/imager/steps.js";
import { normal, planes } from "../helpers/images.js";

const N = 96;
const box = { box_size: 16 };

/** A sky that rises by `slope` per column, with noise, and one star. */
function frame(level: number, slope: number, seed: number): Planes {
  const gauss = normal(seed);
  const sci = Array.from({ length: N * N }, (_, i) => level + slope * (i % N) + gauss());
  for (let v = -3; v <= 3; v++)
    for (let u = -3; u <= 3; u++) sci[(40 + v) * N + 50 + u]! += 500 * Math.exp(-(u * u + v * v) / 4);
  return planes(sci, { nx: N, err: sci.map(() => 1) });
}

const medianOf = (values: Float32Array): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

test("a constant frame has a constant sky without scatter", (t) => {
  const { image: map } = runStep(
    calcBkgImager,
    imageOf(planes(new Array<number>(N * N).fill(7), { nx: N })),
    { params: box },
  );
  t.true(map.sci.every((value) => value === 7));
  t.true(map.err.every((value) => value === 0));
});

test("a slope of the sky goes, a star stays", (t) => {
  const { image: out } = runStep(subtractBkg, imageOf(frame(100, 0.2, 1)), { params: box });
  t.true(Math.abs(medianOf(out.sci)) < 0.1, String(medianOf(out.sci)));
  t.true(out.sci[40 * N + 50]! > 450);
  // √(1 + s²) with the scatter s of a box: noise of 1 clipped at 2σ above, and 0.2 · 16/√12 of slope
  t.true(out.err.every((e) => e > 1.2 && e < 2));
});

test("sky exposures are brought to their mean level, and their scales are written", (t) => {
  const members = { background: [frame(50, 0, 2), frame(150, 0, 3)] };
  const { image: out, keywords } = runStep(subtractBkg, imageOf(frame(100, 0, 4)), { params: box, members });
  t.true(Math.abs(medianOf(out.sci)) < 0.5);
  t.true(Math.abs(Number(keywords["SKYSCL1"]) - 0.5) < 0.05);
  t.true(Math.abs(Number(keywords["SKYSCL2"]) - 1.5) < 0.05);
});

test("scale multiplies the sky", (t) => {
  const flat = planes(new Array<number>(N * N).fill(10), { nx: N });
  const { image: out } = runStep(subtractBkg, imageOf(flat), { params: { ...box, scale: 0.5 } });
  t.true(out.sci.every((value) => value === 5));
});

test("flagged boxes take the sky of the boxes around", (t) => {
  const sky = frame(100, 0, 5);
  for (let i = 0; i < N * N; i++) if (i % N < 20 && i / N < 20) sky.dq[i] = 1;
  const { image: map } = runStep(calcBkgImager, imageOf(sky), { params: box });
  t.true(Math.abs(map.sci[0]! - 100) < 1);
});

test("no good box at all, or boxes of unknown size, are errors", (t) => {
  const bad = planes(new Array<number>(N * N).fill(NaN), { nx: N });
  t.throws(() => runStep(calcBkgImager, imageOf(bad), { params: box }), { instanceOf: StepError });
  t.throws(() => runStep(subtractBkg, imageOf(frame(1, 0, 6)), { params: { box_size: null } }), {
    instanceOf: StepError,
  });
});

test("box_size null: ten diffraction limits, 10·1.22·λ/D in pixels", (t) => {
  const header = { TELESCOP: "TMT", WAVECEN: 2.2, SCALE: 0.004 };
  const sky = { ...frame(100, 0, 7), header };
  // 1.22 · 2.2/30e6 · 206265/0.004 = 4.61 pixels: boxes of 46
  const auto = runStep(calcBkgImager, imageOf(sky), { params: { box_size: null }, header }).image;
  const set = runStep(calcBkgImager, imageOf(sky), { params: { box_size: 46 } }).image;
  t.deepEqual(auto.sci, set.sci);
});

test("a map that is named is subtracted as it is, times scale; where it has no value the pixel isn't to be used", (t) => {
  const map = planes([4, NaN, 2, 1], { err: [3, 0, 0, 0], dq: [0, 0, 8, 0] });
  const { image } = runStep(subtractBkg, imageOf(planes([10, 10, 10, 10], { err: [8, 1, 1, 1] })), {
    params: { scale: 2 },
    refs: { background: map },
  });
  t.deepEqual([...image.sci], [2, 10, 6, 8]);
  t.is(image.err[0], 10);
  t.deepEqual([...image.dq], [0, 1, 8, 0]);
});
