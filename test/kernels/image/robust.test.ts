import test from "ava";
import fc from "fast-check";
import {
  biweightLocation,
  biweightScale,
  madAbout,
  middle,
  sortShort,
  weightedMedian,
} from "../../../src/kernels/image/robust.js";

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-12;

test("MAD about any centre = median of sorted |a − m|", (t) => {
  const list = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(list, fc.integer({ min: -60, max: 60 }), (values, m) => {
      const a = Float64Array.from(values);
      sortShort(a, a.length);
      const deviations = a.map((v) => Math.abs(v - m)).sort();
      t.is(madAbout(a, a.length, m), middle(deviations, a.length));
    }),
  );
});

test("biweight location and scale of 0 1 2 3 100", (t) => {
  const a = Float64Array.of(0, 1, 2, 3, 100);
  // M = 2, MAD = 1: u = −1/3, −1/6, 0, 1/6; 100 is out of reach. w = (1−u²)²
  const w = [(8 / 9) ** 2, (35 / 36) ** 2, 1, (35 / 36) ** 2];
  const location = 2 + (-2 * w[0]! - w[1]! + w[3]!) / (w[0]! + w[1]! + w[2]! + w[3]!);
  t.true(near(biweightLocation(a, 5), location));
  // about 2, MAD 1: u = d/9; n = 4 within reach
  const d = [-2, -1, 0, 1];
  const top = d.reduce((sum, x) => sum + x * x * (1 - (x / 9) ** 2) ** 4, 0);
  const bottom = d.reduce((sum, x) => sum + (1 - (x / 9) ** 2) * (1 - 5 * (x / 9) ** 2), 0);
  t.true(near(biweightScale(a, 5, 2), Math.sqrt(4 * top) / bottom));
});

test("where half of the values are equal, location is that value and scale 0", (t) => {
  const a = Float64Array.of(5, 5, 5, 9);
  t.is(biweightLocation(a, 4), 5);
  t.is(biweightScale(a, 4, 5), 0);
});

test("weighted median: where the weight reaches half; exactly half: the mean with the next value", (t) => {
  t.is(weightedMedian(Float64Array.of(1, 2, 3), Float64Array.of(1, 1, 5), 3), 3);
  t.is(weightedMedian(Float64Array.of(1, 2), Float64Array.of(1, 1), 2), 1.5);
});
