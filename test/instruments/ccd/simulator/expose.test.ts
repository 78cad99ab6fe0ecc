import test from "ava";
import { DQ } from "../../../../src/data/dq.js";
import { UsageError } from "../../../../src/errors.js";
import {
  chipOf,
  pixelsOf,
  PRESCAN,
  strideOf,
  widthOf,
} from "../../../../src/instruments/ccd/simulator/camera.js";
import { expose, type SimulatedFrame } from "../../../../src/instruments/ccd/simulator/expose.js";
import { starsIn } from "../../../../src/instruments/ccd/simulator/field.js";

const chip = chipOf(64, 48, 2, 16);
const pixels = pixelsOf(chip);
const frame: SimulatedFrame = {
  chip,
  type: "SCI",
  exptime: 100,
  filter: "R",
  pointing: { ra: 150.1, dec: 2.2, dx: 0, dy: 0, density: 30, seed: 4 },
  sky: 20,
  lamp: 30_000,
  cosmics: 0,
  seed: 9,
  start: 0,
  number: 1,
  object: "X",
};
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

/** Samples of an amplifier's columns [from, to). */
const columns = (samples: Uint16Array, k: number, from: number, to: number): number[] =>
  [...samples].filter((_, i) => {
    const x = i % (2 * strideOf(chip));
    return x >= k * strideOf(chip) + from && x < k * strideOf(chip) + to;
  });

test("equal descriptions give equal samples, another seed others", (t) => {
  t.deepEqual(expose(frame, pixels).samples, expose(frame, pixels).samples);
  t.notDeepEqual(expose({ ...frame, seed: 10 }, pixels).samples, expose(frame, pixels).samples);
});

test("overscan and prescan stay at the amplifier's level; the data have sky/gain more", (t) => {
  const { samples } = expose({ ...frame, pointing: { ...frame.pointing, density: 0 } }, pixels);
  chip.outputs.forEach(({ gain, level, bend }, k) => {
    const end = PRESCAN + widthOf(chip);
    const dark = median(columns(samples, k, end, strideOf(chip)));
    t.true(Math.abs(median(columns(samples, k, 0, PRESCAN)) - dark) < 3);
    // 2 DN from frame to frame
    t.true(Math.abs(dark - level) < 8 + Math.abs(bend));
    t.true(Math.abs(median(columns(samples, k, PRESCAN, end)) - dark - 2000 / gain) < 0.03 * (2000 / gain));
  });
});

test("a bias has no light, and a flat beyond the converter is saturated wherever it is cut off", (t) => {
  t.true(expose({ ...frame, type: "BIAS", exptime: 0 }, pixels).light.every((light) => light === 0));
  const { samples, dq } = expose({ ...frame, type: "FLAT", lamp: 100_000 }, pixels);
  const full = samples.filter((sample) => sample === 65535).length;
  t.true(full > 0);
  t.is(dq.filter((bits) => bits === DQ.SATURATED).length, full);
});

test("the median response is 1", (t) => {
  const large = pixelsOf(chipOf(256, 256, 1, 0));
  t.true(Math.abs(median([...large.response]) - 1) < 1e-3);
});

test("a dither moves all stars against it", (t) => {
  const before = starsIn(chip, frame.pointing);
  const after = starsIn(chip, { ...frame.pointing, dx: 3, dy: -2 });
  t.true(before.length > 10);
  t.true(
    after.every(
      ({ x, y }, k) => Math.abs(before[k]!.x - x - 3) < 1e-9 && Math.abs(before[k]!.y - y + 2) < 1e-9,
    ),
  );
});

test("columns that amplifiers can't share, and too many amplifiers, are refused", (t) => {
  t.throws(() => chipOf(65, 48, 2, 16), { instanceOf: UsageError });
  t.throws(() => chipOf(60, 48, 5, 16), { instanceOf: UsageError });
});
