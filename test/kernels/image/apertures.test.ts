import test from "ava";
import {
  apertureSum,
  circleAndPixel,
  ringValues,
  type ApertureImage,
} from "../../../src/kernels/image/apertures.js";
import { lightRadii } from "../../../src/kernels/image/light-radius.js";

const near = (actual: number, expected: number, tolerance = 1e-12): boolean =>
  Math.abs(actual - expected) <= tolerance;

const flat = (nx: number, more: Partial<ApertureImage> = {}): ApertureImage => ({
  nx,
  ny: nx,
  sci: new Float32Array(nx * nx).fill(1),
  err: 2,
  bad: null,
  ...more,
});

test("area of disc ∩ pixel: whole, none, half, quarter, disc inside", (t) => {
  t.true(near(circleAndPixel(0, 0, 10), 1));
  t.true(near(circleAndPixel(5, 0, 1), 0));
  t.true(near(circleAndPixel(0, 0, 0.25), Math.PI / 16));
  // A quarter of the disc of radius ½ lies in the pixel whose corner is its centre.
  t.true(near(circleAndPixel(0.5, 0.5, 0.5), Math.PI / 16));
  // x² + y² < 1 over |x| < ½, y > ½: ∫ (√(1 − x²) − ½) = √3/4 + π/6 − ½
  t.true(near(circleAndPixel(0, 1, 1), Math.sqrt(3) / 4 + Math.PI / 6 - 0.5));
});

test("Σ area of the pixels = π·r² wherever the centre lies, error = σ·√area", (t) => {
  for (const [x, y, r] of [
    [10, 10, 3],
    [9.3, 10.9, 4.21],
    [10.5, 10.5, 0.3],
  ] as const) {
    const { sum, err, area, truncated } = apertureSum(flat(21), x, y, r);
    t.true(near(sum, Math.PI * r * r, 1e-10));
    t.true(near(area, sum, 1e-10));
    t.true(near(err, 2 * Math.sqrt(Math.PI) * r, 1e-10));
    t.false(truncated);
  }
});

test("a ring is the larger circle without the smaller", (t) => {
  t.true(near(apertureSum(flat(21), 10, 10, 5, "exact", 3).sum, 16 * Math.PI, 1e-10));
});

test("pixel centres: 1, 5, 9 pixels within 0.5, 1.1, 1.5", (t) => {
  const count = (r: number): number => apertureSum(flat(21), 10, 10, r, 1).sum;
  t.deepEqual([count(0.5), count(1.1), count(1.5)], [1, 5, 9]);
});

test("what a bad pixel hides is made up for, what lies beyond the frame isn't", (t) => {
  const bad = new Uint8Array(441);
  bad[10 * 21 + 10] = 1;
  const { sum, badArea } = apertureSum(flat(21, { bad }), 10, 10, 3);
  t.true(near(sum, 9 * Math.PI, 1e-10));
  t.true(near(badArea, 1));
  const corner = apertureSum(flat(21), -0.5, -0.5, 2);
  t.true(near(corner.sum, Math.PI, 1e-10));
  t.true(corner.truncated);
});

test("half of a Gaussian's light lies within 1.1774 σ", (t) => {
  const [nx, sigma] = [61, 3];
  const sci = Float32Array.from({ length: nx * nx }, (_, i) =>
    Math.exp(-(((i % nx) - 30) ** 2 + (Math.floor(i / nx) - 30) ** 2) / (2 * sigma ** 2)),
  );
  const [half] = lightRadii({ nx, ny: nx, sci, err: null, bad: null }, [{ x: 30, y: 30, most: 18 }], 0.5);
  // A pixel's light is spread over it: σ² + 1/12. The rings are 0.28 pixels wide.
  t.true(near(half!, Math.sqrt(2 * Math.LN2 * (sigma ** 2 + 1 / 12)), 0.02));
});

test("values of a ring, without the bad ones", (t) => {
  const bad = new Uint8Array(25);
  bad[2 * 5 + 3] = 1;
  const out = new Float64Array(100);
  // within 1 ≤ r < 1.5 of the middle: the four neighbours and the four corners, less one
  t.is(ringValues(out, flat(5, { bad }), 2, 2, 1, 1.5), 7);
});
