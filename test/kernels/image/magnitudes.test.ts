import test from "ava";
import {
  fluxDensity,
  medianZeroPoint,
  microjansky,
  zeroPoint,
} from "../../../src/kernels/image/magnitudes.js";
import { fitPlanck } from "../../../src/kernels/image/planck.js";

test("a star of 100 counts per second and magnitude 20: ZP = 25, with 0.1 mag per airmass 25.15", (t) => {
  const star = { counts: 1000, exptime: 10, magnitude: 20, airmass: 1.5 };
  t.is(zeroPoint(star), 25);
  t.is(zeroPoint(star, 0.1), 25.15);
});

test("median zero point, 1.4826·MAD and that over √n", (t) => {
  const { value, scatter, error, n } = medianZeroPoint([25, 25.1, 24.9, 27]);
  t.is(value, 25.05);
  // |ZP − 25.05|: 0.05 0.05 0.15 1.95
  t.true(Math.abs(scatter - 1.482602218505602 * 0.1) < 1e-12);
  t.is(error, scatter / 2);
  t.is(n, 4);
});

test("AB 0 is 3631 Jy, AB 23.9 is 1 µJy", (t) => {
  t.true(Math.abs(fluxDensity(0) / 3.631e-20 - 1) < 1e-4);
  t.is(microjansky(23.9), 1);
  t.true(Math.abs(fluxDensity(18) * 1e29 - microjansky(18)) < 1e-9 * microjansky(18));
});

test("the temperature of a black body from four colours, and its spectrum", (t) => {
  const flux = (wave: number): number => 3e-5 / wave ** 5 / Math.expm1(14387.76877503934 / (wave * 5772));
  const waves = [0.9, 1.25, 1.64, 2.19];
  const star = fitPlanck(waves, waves.map(flux))!;
  t.true(Math.abs(star.temperature / 5772 - 1) < 1e-10);
  t.true(Math.abs(star.at(2) / flux(2) - 1) < 1e-10);
});

test("bluer than any black body: none", (t) => {
  t.is(fitPlanck([1, 2], [100, 1]), null);
});
