import { basename, join } from "node:path";
import test from "ava";
import { getValue, openFits, readImage, writeFits, type TypedArray } from "../../src/fits/index.js";
import { cards, shape, tframe, valueAt } from "../helpers/ramp-files.js";
import { folder, layer, reduce, request } from "./helpers.js";

const { nints, ngroups, ny, nx } = shape;
const n = ny * nx;
const none = { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" };

/** The exposure of the other tests with hits, 40 columns of them: in group 3 of even ones, in 1 and 4 of every third. */
function writeHit(path: string): string {
  const sci = new Float32Array(nints * ngroups * n);
  const flags = new Uint8Array(sci.length);
  for (let i = 0; i < sci.length; i++) {
    const [p, k] = [i % n, Math.floor(i / n)];
    const [x, g, ramp] = [p % nx, k % ngroups, Math.floor(k / ngroups)];
    const isHit = (x % 2 === 0 && g === 3) || (x % 3 === 0 && (g === 1 || g === 4));
    const charge = (x % 2 === 0 && g >= 3 ? 700 : 0) + (x % 3 === 0 && g >= 1 ? 300 : 0);
    sci[i] = valueAt(ramp, g, Math.floor(p / nx), x) + charge + (x % 3 === 0 && g >= 4 ? 90 : 0);
    flags[i] = isHit ? 4 : 0;
  }
  const primary = { NFRAMES: 1, GROUPGAP: 0, TFRAME: tframe, TGROUP: tframe, GAIN: 2, READNOIS: 10 };
  writeFits(path, [
    { cards: cards(primary) },
    { name: "SCI", data: sci, shape: [nints, ngroups, ny, nx] },
    { name: "GROUPDQ", data: flags, shape: [nints, ngroups, ny, nx] },
  ]);
  return path;
}

async function fitted(path: string, params: Record<string, unknown>, mem = 1e9) {
  const { plan, events } = await reduce(
    request(folder(), [path], {
      ...{ pipeline: "stage1", from: "ramp_fit", until: "ramp_fit" },
      layers: [layer({ params: { ramp_fit: { mode: "ols", ...params } }, refs: none })],
    }),
    { mem },
  );
  const failure = events.find(({ type }) => type === "failure");
  if (failure?.type === "failure") throw new Error(failure.message);
  const { output } = plan.products[0]!;
  const file = openFits(output);
  const planes: Record<string, TypedArray> = {};
  const units: Record<string, unknown> = {};
  const shapes: Record<string, number[]> = {};
  for (const hdu of file.hdus) {
    if (!hdu.image || hdu.dataSize === 0) continue;
    const { data, shape: own } = readImage(file, hdu);
    planes[hdu.name] = data;
    shapes[hdu.name] = own;
    units[hdu.name] = getValue(hdu.header, "BUNIT");
  }
  file.close();
  return { output, planes, units, shapes };
}

test("segments: their weighted mean is each ramp's rate, their hits are the charge that came", async (t) => {
  const path = writeHit(join(folder(), "ramp.fits"));
  const { planes, units, shapes } = await fitted(path, { segments: 3, unit: "DN/s" });
  const ints = await fitted(path, { integrations: true, unit: "DN/s" });
  t.deepEqual(shapes["SEG_SLOPE"], [nints, 3, ny, nx]);
  t.deepEqual(shapes["SEG_COUNT"], [nints, ny, nx]);
  t.is(units["SEG_VAR_RNOISE"], "(DN/s)**2");
  t.is(units["SEG_CRMAG"], "DN");
  const [count, slope, weight] = [planes["SEG_COUNT"]!, planes["SEG_SLOPE"]!, planes["SEG_WEIGHTS"]!];
  for (let i = 0; i < nints; i++)
    for (let p = 0; p < n; p++) {
      let [sum, total] = [0, 0];
      for (let j = 0; j < Number(count[i * n + p]); j++) {
        const at = (i * 3 + j) * n + p;
        sum += Number(slope[at]) * Number(weight[at]);
        total += Number(weight[at]);
      }
      t.true(Math.abs(sum / total - Number(ints.planes["SCI"]![i * n + p])) < 1e-4, `${i}, ${p}`);
    }
  // the level at the reset, 2 s before the first read, of a rate in DN/s
  for (let i = 0; i < nints; i++)
    for (let p = 0; p < n; p++) {
      const rate = Number(ints.planes["SCI"]![i * n + p]);
      const level = valueAt(i, 0, Math.floor(p / nx), p % nx) - rate * tframe;
      t.true(Math.abs(Number(planes["SEG_PEDESTAL"]![i * n + p]) - level) < 1e-3, `${i}, ${p}`);
    }
  // x = 2: hit in group 3 alone; reads 0 1 2 | 3 4 5 (numbers from 1: 1 and 4)
  const at = (j: number): number => j * n + 2;
  t.deepEqual(
    [0, 1, 2].map((j) => [Number(planes["SEG_START"]![at(j)]), Number(planes["SEG_LENGTH"]![at(j)])]),
    [
      [1, 3],
      [4, 3],
      [0, 0],
    ],
  );
  const rise = valueAt(0, 3, 0, 2) + 700 - valueAt(0, 2, 0, 2);
  t.is(Number(planes["SEG_CRMAG"]![at(0)]), rise);
  t.true(Number.isNaN(planes["SEG_CRMAG"]![at(1)]));
  t.true(Number.isNaN(planes["SEG_SLOPE"]![at(2)]));
});

test("fewer segments kept than there are: SEG_COUNT says so; electron/s is DN/s times the gain", async (t) => {
  const path = writeHit(join(folder(), "ramp.fits"));
  const all = await fitted(path, { segments: 3, unit: "DN/s" });
  const one = await fitted(path, { segments: 1 });
  t.deepEqual(one.planes["SEG_COUNT"], all.planes["SEG_COUNT"]);
  t.true([...one.planes["SEG_COUNT"]!].some((count) => Number(count) > 1));
  for (let p = 0; p < n; p++) {
    t.true(Math.abs(Number(one.planes["SEG_SLOPE"]![p]) - 2 * Number(all.planes["SEG_SLOPE"]![p])) < 1e-4);
    t.is(one.planes["SEG_YINT"]![p], all.planes["SEG_YINT"]![p]);
  }
});

test("the optional planes don't change the rate, nor depend on the bands", async (t) => {
  const path = writeHit(join(folder(), "ramp.fits"));
  const plain = await fitted(path, {});
  const more = await fitted(path, { segments: 2 });
  const banded = await fitted(path, { segments: 2 }, 1);
  for (const name of ["SCI", "ERR", "DQ", "VAR_POISSON", "VAR_RNOISE"])
    t.deepEqual(more.planes[name], plain.planes[name], name);
  t.deepEqual(banded.planes, more.planes);
});

test("rates of single ramps are a product of their own name", async (t) => {
  const path = writeHit(join(folder(), "ramp.fits"));
  const { output, shapes } = await fitted(path, { integrations: true, segments: 1 });
  t.is(basename(output), "ramp_rateints.fits");
  t.deepEqual(shapes["SCI"], [nints, ny, nx]);
  t.deepEqual(shapes["SEG_SLOPE"], [nints, 1, ny, nx]);
});

test("only the weighted fit has segments", async (t) => {
  const path = writeHit(join(folder(), "ramp.fits"));
  await t.throwsAsync(fitted(path, { mode: "utr", segments: 1 }), {
    message: /belongs to mode ols, not to utr/,
  });
});
