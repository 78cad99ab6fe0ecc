import { join } from "node:path";
import test from "ava";
import type { Ramp } from "../../src/data/kinds.js";
import { heap } from "../../src/kernels/alloc.js";
import { lineLevels } from "../../src/kernels/ramp/flicker.js";
import { cleanFlickerNoise } from "../../src/steps/clean_flicker_noise.js";
import { folder, layer, pixels, reduce, request } from "../engine/helpers.js";
import { normal } from "../helpers/images.js";
import { writeCube } from "../helpers/ramp-files.js";
import { exposureOf, rampOf, readoutOf, rowsOf } from "../helpers/ramps.js";
import { prepareOn, runOn } from "../helpers/run-step.js";

const [nx, ny, ngroups, nints] = [64, 40, 5, 2];
const n = nx * ny;

/** Noise, stripes of their own in every read, and a source. */
function striped(): Ramp {
  const deviate = normal(11);
  const sci = Array.from({ length: nints * ngroups * n }, () => 1000 + deviate());
  for (let k = 0; k < nints * ngroups; k++)
    for (let y = 0; y < ny; y++) {
      const stripe = 4 * deviate();
      for (let x = 0; x < nx; x++)
        sci[k * n + y * nx + x]! += stripe + 20 * (k % ngroups) * (x === 7 ? 30 : 1);
    }
  return rampOf({ nx, ny, ngroups, nints }, sci, exposureOf(readoutOf(ngroups)), heap);
}

test("levels of lines: row 1 lies 0.5 above the others; NaN and a line of NaN say nothing", (t) => {
  const noise = [-2, -1, 0, 1, 2, 0, 1, -1];
  const image = Float32Array.from({ length: 4 * 8 }, (_, i) =>
    i >> 3 === 3 || i === 2 ? NaN : 100 + (i >> 3 === 1 ? 0.5 : 0) + noise[i & 7]!,
  );
  const rows = lineLevels(image, 8, 4, { nSigma: 10, slow: 2, channels: 1 });
  t.is(rows[1]! - rows[2]!, 0.5);
  t.is(rows[3], 0);
  const turned = Float32Array.from(image, (_, i) => image[(i & 3) * 8 + (i >> 2)]!);
  t.deepEqual(lineLevels(turned, 4, 8, { nSigma: 10, slow: 1, channels: 1 }), rows);
});

test("the stripes of each read go, whatever the rows at hand; the first read and the source stay", (t) => {
  const ramp = striped();
  const given = Float32Array.from(ramp.sci!);
  const around = {
    params: { n_sigma: 2, fit_by_channel: false },
    refs: {},
    exposure: ramp.exposure,
    header: {},
    alloc: heap,
  };
  const prepared = prepareOn(cleanFlickerNoise, ramp, around);
  const whole = runOn<Ramp>(cleanFlickerNoise, ramp).product.sci!;
  t.deepEqual(whole.subarray(0, n), given.subarray(0, n));
  const spread = (sci: Float32Array, k: number): number => {
    const means = Array.from({ length: ny }, (_, y) => {
      let sum = 0;
      for (let x = 8; x < nx; x++) sum += (sci[k * n + y * nx + x]! - sci[y * nx + x]!) / (nx - 8);
      return sum;
    });
    const middle = means.reduce((a, b) => a + b, 0) / ny;
    return Math.sqrt(means.reduce((a, b) => a + (b - middle) ** 2, 0) / ny);
  };
  for (let k = 1; k < ngroups; k++) t.true(spread(whole, k) < 0.3 * spread(given, k), `read ${k}`);
  t.true(Math.abs(whole[4 * n + 7]! - given[7]! - 20 * 4 * 30) < 20);
  const band = rampOf({ nx, ny: 9, ngroups, nints }, rowsOf(given, { nx, ny }, 13, 9), ramp.exposure, heap);
  const own = cleanFlickerNoise.run(
    { ...band, y0: 13 },
    { ...around, members: {}, prepared: prepared as never },
  );
  t.deepEqual((own.product as Ramp).sci, rowsOf(whole, { nx, ny }, 13, 9));
});

test("lines found in one look at the frame, or in two with some differences each, are the same", (t) => {
  const ramp = striped();
  const { prepare } = cleanFlickerNoise;
  const facts = {
    ...{
      params: { n_sigma: 2, fit_by_channel: false },
      exposure: ramp.exposure,
      header: {},
      refs: {},
      alloc: heap,
    },
    size: { nx, ny },
  };
  const look = (before: unknown) =>
    prepare!.make([prepare!.take(ramp, { ...facts, before })], { ...facts, before });
  const scene = look(null);
  t.true(prepare!.again!(scene));
  const all = look(scene);
  t.false(prepare!.again!(all));
  // as if three differences had been enough for the first look
  const some = { ...scene, done: 3, levels: all.levels.slice(0, 3) };
  t.true(prepare!.again!(some));
  t.deepEqual(look(some), all);
  t.is(all.scene.length, 0);
});

test("channels with stripes of their own, whichever way the lines run", (t) => {
  const deviate = normal(29);
  const [side, channels] = [64, 4];
  const stripes = Float64Array.from({ length: 2 * side * channels }, () => deviate());
  const noise = Float64Array.from({ length: 2 * side * side }, () => deviate());
  for (const slow of [2, 1] as const) {
    const sci = Array.from({ length: 2 * side * side }, (_, i) => {
      const [g, y, x] = [Math.floor(i / (side * side)), Math.floor(i / side) % side, i % side];
      const [line, along] = slow === 2 ? [y, x] : [x, y];
      return noise[i]! + (g === 0 ? 0 : 50 + stripes[(side + line) * channels + Math.floor(along / 16)]!);
    });
    const full = { subarray: { name: "FULL", x: 1, y: 1, nx: side, ny: side } };
    const exposure = exposureOf(readoutOf(2), full);
    const given = rampOf({ nx: side, ny: side, ngroups: 2, nints: 1 }, sci, exposure, heap);
    const params = { n_sigma: 2, fit_by_channel: true };
    const around = {
      params,
      refs: {},
      exposure,
      header: { NOUTPUTS: channels, SLOWAXIS: slow },
      alloc: heap,
    };
    const prepared = prepareOn(cleanFlickerNoise, given, around) as never;
    const clean = (ramp: Ramp) =>
      (cleanFlickerNoise.run(ramp, { ...around, members: {}, prepared }).product as Ramp).sci!;
    const top = rowsOf(Float32Array.from(sci), { nx: side, ny: side }, 10, 20);
    const band = clean({
      ...rampOf({ nx: side, ny: 20, ngroups: 2, nints: 1 }, top, exposure, heap),
      y0: 10,
    });
    const whole = clean(given);
    t.deepEqual(band, rowsOf(whole, { nx: side, ny: side }, 10, 20));
    const spread = (frames: ArrayLike<number>): number => {
      const means = new Float64Array(side * channels);
      for (let p = 0; p < side * side; p++) {
        const [y, x] = [Math.floor(p / side), p % side];
        const [line, along] = slow === 2 ? [y, x] : [x, y];
        means[line * channels + Math.floor(along / 16)]! += (frames[side * side + p]! - frames[p]!) / 16;
      }
      const middle = means.reduce((a, b) => a + b, 0) / means.length;
      return Math.sqrt(means.reduce((a, b) => a + (b - middle) ** 2, 0) / means.length);
    };
    // medians of 16 differences, σ 1.4 each, follow the stripes of 1 DN
    t.true(spread(whole) < 0.4 * spread(sci), `${spread(whole)} of ${spread(sci)}`);
    t.throws(
      () =>
        cleanFlickerNoise.skip!({ ...around, header: {}, axes: [side, side, 2, 1], refs: {}, members: {} }),
      {
        message: /NOUTPUTS is missing/,
      },
    );
  }
});

test("bands and the whole frame give the same pixels", async (t) => {
  const path = writeCube(join(folder(), "a.fits"));
  const none = { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" };
  const wanted = () =>
    request(folder(), [path], {
      ...{ pipeline: "stage1", from: "clean_flicker_noise", until: "ramp_fit" },
      layers: [layer({ skip: { clean_flicker_noise: false }, refs: none })],
    });
  const [whole, banded] = [await reduce(wanted()), await reduce(wanted(), { mem: 1, jobs: 2 })];
  t.false(whole.events.some(({ type }) => type === "failure"));
  t.deepEqual(pixels(banded.plan.products[0]!.output), pixels(whole.plan.products[0]!.output));
  const without = await reduce({ ...wanted(), layers: [layer({ refs: none })] });
  t.notDeepEqual(pixels(without.plan.products[0]!.output), pixels(whole.plan.products[0]!.output));
});

test("the stripes of the read after an unusable one go, too: it is compared with the last that can be used", (t) => {
  const out = [2, 3].map((bad) => {
    const ramp = striped();
    const groupdq = heap.u8(ramp.sci!.length);
    for (let k = bad; k < nints * ngroups; k += ngroups) {
      groupdq.fill(1, k * n, (k + 1) * n);
      // its own stripes don't matter
      ramp.sci!.fill(k, k * n, (k + 1) * n);
    }
    return { sci: runOn<Ramp>(cleanFlickerNoise, { ...ramp, groupdq }).product.sci!, bad };
  });
  const clean = runOn<Ramp>(cleanFlickerNoise, striped()).product.sci!;
  for (const { sci, bad } of out)
    for (let k = 0; k < ngroups; k++)
      if (k !== bad) {
        let worst = 0;
        for (let p = k * n; p < (k + 1) * n; p++) worst = Math.max(worst, Math.abs(sci[p]! - clean[p]!));
        // medians of 60 pixels with a noise of 1 DN
        t.true(worst < 2, `group ${bad} unusable, group ${k}: ${worst}`);
      }
});
