import test from "ava";
import { centroidOf } from "../../src/report/centroid.js";
import { regionStats } from "../../src/report/measures.js";

/** A Gaussian of σ 1.7 pixels and peak 200 at (20.3, 15.8), from 1, on a level of 50. */
const frame = {
  nx: 40,
  ny: 30,
  sci: Float32Array.from({ length: 1200 }, (_, i) => {
    const [x, y] = [(i % 40) + 1, Math.floor(i / 40) + 1];
    return 50 + 200 * Math.exp(-((x - 20.3) ** 2 + (y - 15.8) ** 2) / (2 * 1.7 ** 2));
  }),
  err: null,
  dq: null,
};

test("the star within six pixels: place, level, width and light", (t) => {
  const { near, x, y, peak, level, flux, major, minor } = centroidOf(frame, { x: 24, y: 13 });
  t.deepEqual(near, [24, 13]);
  t.true(Math.hypot(x! - 20.3, y! - 15.8) < 1e-3);
  t.true(Math.abs(peak! - 200) < 0.01 && Math.abs(level! - 50) < 0.01);
  // 2.3548 σ, and 2π σ² · 200
  t.true(Math.abs(major! - 4.0032) < 1e-3 && Math.abs(minor! - 4.0032) < 1e-3);
  t.true(Math.abs(flux! - 3631.7) < 1);
});

test("flagged pixels don't count, and where there is no star there is no place", (t) => {
  const dq = new Uint32Array(1200);
  const sci = frame.sci.slice();
  dq[14 * 40 + 19] = 1;
  sci[14 * 40 + 19] = 1e6;
  const { x } = centroidOf({ ...frame, sci, dq }, { x: 20, y: 16 });
  t.true(Math.abs(x! - 20.3) < 1e-3);
  t.is(centroidOf({ ...frame, sci: new Float32Array(1200).fill(5) }, { x: 20, y: 16 }).x, null);
});

test("surface brightness is the mean per square arcsecond", (t) => {
  const flat = { ...frame, sci: new Float32Array(1200).fill(6) };
  const region = { x1: 1, x2: 10, y1: 1, y2: 10 };
  t.is(regionStats(flat, region, 0.25).surface, 24);
  t.is(regionStats(flat, region).surface, null);
});
