import test from "ava";
import { DQ } from "../../../../src/data/dq.js";
import { cosmicsIn } from "../../../../src/instruments/common/simulator/cosmics.js";
import {
  detectorRows,
  linearised,
  PIXEL_AREA,
  windowOf,
} from "../../../../src/instruments/iris/simulator/detector.js";
import { collectedRows, exposeRate, exposeRows } from "../../../../src/instruments/iris/simulator/expose.js";
import { lightOf, type SimulatedExposure } from "../../../../src/instruments/iris/simulator/exposure.js";

const exposure: SimulatedExposure = {
  window: windowOf("IMG1", 96, 64),
  type: "SCI",
  filter: "Kbb",
  reads: 6,
  ints: 2,
  tframe: 4,
  pointing: { ra: 150.1, dec: 2.2, dx: 0, dy: 0, density: 60, seed: 30 },
  sky: 1,
  lamp: 0,
  cosmics: 200,
  seed: 5,
  start: Date.UTC(2026, 2, 5),
  number: 1,
  object: "TEST",
};
const light = lightOf(exposure);
const deposits = cosmicsIn(exposure.window, { ...exposure, pixelArea: PIXEL_AREA, rate: exposure.cosmics });
const whole = exposeRows(exposure, light, deposits, 0, 64);
const NX = 96;

test("reads don't depend on the band that they are made with", (t) => {
  for (const [y0, ny] of [
    [0, 1],
    [13, 7],
    [63, 1],
  ] as const) {
    const band = exposeRows(exposure, light, deposits, y0, ny);
    for (let plane = 0; plane < 12; plane++)
      t.deepEqual(
        band.samples.slice(plane * ny * NX, (plane + 1) * ny * NX),
        whole.samples.slice((plane * 64 + y0) * NX, (plane * 64 + y0 + ny) * NX),
      );
    t.deepEqual(band.hits, whole.hits.slice(y0 * NX, (y0 + ny) * NX));
    t.deepEqual(band.dq, whole.dq.slice(y0 * NX, (y0 + ny) * NX));
  }
});

test("every deposit is inside the window, in order of rows, and counted once", (t) => {
  t.true(deposits.length > 20);
  t.true(deposits.every(({ x, y, electrons }) => x >= 0 && x < 96 && y >= 0 && y < 64 && electrons > 0));
  t.true(deposits.every(({ y }, i) => i === 0 || deposits[i - 1]!.y <= y));
  t.is(
    whole.hits.reduce((sum, n) => sum + n, 0),
    deposits.length,
  );
});

test("saturated means that charge reached the full well, and the last read shows it", (t) => {
  // 5000 e⁻/s reach 90 000 e⁻ after 18 s of 24 s.
  const lamp = { ...exposure, type: "FLAT" as const, lamp: 5000 };
  const { dq, samples } = exposeRows(lamp, lightOf(lamp), [], 0, 64);
  const pixels = detectorRows(exposure.window, 0, 64);
  let saturated = 0;
  for (let i = 0; i < dq.length; i++) {
    if ((dq[i]! & DQ.SATURATED) === 0) continue;
    saturated++;
    const lasts = [5, 11].map((plane) => samples[plane * 64 * NX + i]!);
    const charge = Math.max(
      ...lasts.map(
        (raw) => (linearised(raw, pixels.c2[i]!, pixels.c3[i]!) - pixels.pedestal[i]!) * pixels.gain[i]!,
      ),
    );
    // Reset noise is 15 DN, read noise below 5 DN.
    t.true(Math.abs(charge - pixels.fullWell[i]!) < 5 * 3.04 * 16, `${charge} ${pixels.fullWell[i]}`);
  }
  const lit = pixels.mask.filter((bits) => (bits & (DQ.DEAD | DQ.LOW_QE)) === 0).length;
  t.is(saturated, lit);
});

test("the slope of the linearised reads is the flow: mean of (slope − flow)/σ = 0, its variance 1", (t) => {
  const { window } = exposure;
  const sky = { ...exposure, type: "SKY" as const, ints: 1, sky: 4, cosmics: 0 };
  const dim = lightOf(sky);
  const { pixels, flow } = collectedRows(sky, dim, 0, window.ny);
  const { samples } = exposeRows(sky, dim, [], 0, window.ny);
  const size = NX * window.ny;
  let sum = 0;
  let squares = 0;
  let n = 0;
  for (let i = 0; i < size; i++) {
    if (pixels.mask[i] !== 0) continue;
    const dn = (read: number) => linearised(samples[read * size + i]!, pixels.c2[i]!, pixels.c3[i]!);
    const rate = ((dn(5) - dn(0)) * pixels.gain[i]!) / 20;
    const readVariance = 2 * (pixels.noise[i]! ** 2 + 1 / 12) * pixels.gain[i]! ** 2;
    const pull = (rate - flow[i]!) / (Math.sqrt(flow[i]! * 20 + readVariance) / 20);
    sum += pull;
    squares += pull * pull;
    n++;
  }
  t.true(Math.abs(sum / n) < 4 / Math.sqrt(n), String(sum / n));
  // The linearisation stretches the read noise by 0.5 %.
  t.true(Math.abs(squares / n - 1) < 4 * Math.sqrt(2 / n) + 0.005, String(squares / n));
});

test("a finished rate is flow ± its ERR, and dead pixels hold no light", (t) => {
  const { sci, err, dq, rate } = exposeRate(exposure, light, 0, 64);
  const { flow, pixels } = collectedRows(exposure, light, 0, 64);
  let squares = 0;
  let n = 0;
  for (let i = 0; i < sci.length; i++) {
    if (dq[i] !== 0 || flow[i]! < 10) continue;
    squares += ((sci[i]! - flow[i]!) / err[i]!) ** 2;
    n++;
  }
  t.true(Math.abs(squares / n - 1) < 5 * Math.sqrt(2 / n), String(squares / n));
  const dead = pixels.mask.findIndex((bits) => (bits & DQ.DEAD) !== 0);
  t.true(dead >= 0);
  t.true(flow[dead]! < 0.1 && rate[dead]! > 10);
});

test("darks collect dark current only, whatever the sky", (t) => {
  const dark = { ...exposure, type: "DARK" as const, filter: "OPAQUE" };
  const none = lightOf(dark);
  t.is(none.level, 0);
  const { flow, pixels } = collectedRows(dark, none, 0, 64);
  t.deepEqual(Float32Array.from(flow), pixels.dark);
});
