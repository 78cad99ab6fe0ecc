import { join } from "node:path";
import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { openFits, readImage, writeFits, type Value } from "../../src/fits/index.js";
import { normal as normalOf, uniform } from "../helpers/images.js";
import { cards } from "../helpers/ramp-files.js";
import { folder, layer, pixels, reduce, request } from "./helpers.js";

/** Two ramps of five groups of four reads; a read takes 10 s, one is dropped between groups. */
const [nx, ny, nints, ngroups, nframes, groupgap, tframe] = [64, 96, 2, 5, 4, 1, 10];
const [plane, border, limit, gain, readNoise] = [nx * ny, 4, 60000, 2, 12];
const random = uniform(3);
const normal = normalOf(4);
const isReference = (p: number): boolean => {
  const [x, y] = [p % nx, Math.floor(p / nx)];
  return x < border || y < border || x >= nx - border || y >= ny - border;
};
const each = (f: (p: number) => number): Float32Array => Float32Array.from({ length: plane }, (_, p) => f(p));
/** DN/s: a third of the pixels saturates early, many of them within the first group. */
const truth = each((p) => (isReference(p) ? 0 : p % 3 === 0 ? 1500 + 4000 * random() : 20 + 500 * random()));
const bias = each(() => 900 + 200 * random());
/** L = m + 1e-6 m²: what is measured of linear counts. */
const measured = (linear: number): number => (Math.sqrt(1 + 4e-6 * linear) - 1) / 2e-6;
const digitised = (value: number): number => Math.max(0, Math.min(65535, Math.round(value)));

function simulate(): { sci: Uint16Array; zero: Uint16Array } {
  const sci = new Uint16Array(nints * ngroups * plane);
  const zero = new Uint16Array(nints * plane);
  for (let i = 0; i < nints; i++) {
    const charge = new Float64Array(plane);
    const sums = new Float64Array(plane);
    for (let k = 0; k < ngroups * (nframes + groupgap); k++) {
      const [g, read] = [Math.floor(k / (nframes + groupgap)), k % (nframes + groupgap)];
      // the whole frame drifts from read to read, as the reference pixels show
      const drift = 40 * normal();
      for (let p = 0; p < plane; p++) {
        const electrons = truth[p]! * tframe * gain;
        charge[p]! += (electrons + Math.sqrt(electrons) * normal()) / gain;
        const value = digitised(
          bias[p]! + drift + measured(charge[p]!) + (readNoise / Math.SQRT2) * normal(),
        );
        if (k === 0) zero[i * plane + p] = value;
        if (read === 0) sums[p] = 0;
        if (read < nframes) sums[p]! += value;
        if (read === nframes - 1) sci[(i * ngroups + g) * plane + p] = Math.round(sums[p]! / nframes);
      }
    }
  }
  return { sci, zero };
}

const { sci, zero } = simulate();

function write(path: string, withZero: boolean): string {
  const keywords: Record<string, Value> = {
    ...{ TELESCOP: "JWST", INSTRUME: "NIRCAM", DETECTOR: "NRCA1", EXP_TYPE: "NRC_IMAGE", SUBARRAY: "FULL" },
    ...{ NINTS: nints, NGROUPS: ngroups, NFRAMES: nframes, GROUPGAP: groupgap, TFRAME: tframe },
    ...{ TGROUP: tframe * (nframes + groupgap), NOUTPUTS: 4, FASTAXIS: 1, SLOWAXIS: 2, FRMDIVSR: nframes },
  };
  writeFits(path, [
    { cards: cards(keywords) },
    { name: "SCI", data: sci, shape: [nints, ngroups, ny, nx] },
    ...(withZero ? [{ name: "ZEROFRAME", data: zero, shape: [nints, ny, nx] }] : []),
  ]);
  return path;
}

const own = folder();
const references = Object.fromEntries(
  (
    [
      ["saturation", each(() => limit), [ny, nx]],
      ["superbias", bias, [ny, nx]],
      ["nonlincoeff", Float32Array.of(...each(() => 0), ...each(() => 1), ...each(() => 1e-6)), [3, ny, nx]],
      ["gain", each(() => gain), [ny, nx]],
      ["readnoise", each(() => readNoise), [ny, nx]],
    ] as const
  ).map(([type, data, shape]) => {
    const path = join(own, `${type}.fits`);
    writeFits(path, [{}, { name: type === "nonlincoeff" ? "COEFFS" : "SCI", data, shape: [...shape] }]);
    return [type, path];
  }),
);
const settings = (fit: Readonly<Record<string, unknown>>) =>
  layer({
    refs: { ...references, mask: "N/A" },
    params: {
      refpix: { border, channels: 4 },
      ramp_fit: { mode: "ols", unit: "DN/s", ...fit },
    },
  });
const whole = { suppress_one_group: false };

async function run(input: string, fit: Readonly<Record<string, unknown>>, more = {}, mem = 1e9) {
  const { events, plan } = await reduce(
    request(folder(), [input], { pipeline: "stage1", layers: [settings(fit)], ...more }),
    { mem },
  );
  checkRun(events);
  return plan.products[0]!.output;
}

function checkRun(events: readonly { type: string }[]): void {
  const failure = events.find(({ type }) => type === "failure");
  if (failure) throw new Error(JSON.stringify(failure));
}

function planes(path: string): (name: string) => ArrayLike<number> {
  const file = openFits(path);
  try {
    const all = new Map(
      file.hdus.filter(({ image }) => image).map((hdu) => [hdu.name, readImage(file, hdu).data] as const),
    );
    return (name) => all.get(name) as unknown as ArrayLike<number>;
  } finally {
    file.close();
  }
}

/** Pixels without any group that isn't saturated, and with a zero frame that is well below. */
const onlyZero = Array.from({ length: plane }, (_, p) => p).filter(
  (p) => !isReference(p) && truth[p]! * tframe * 2.5 > 1.2 * limit && truth[p]! * tframe < 0.8 * limit,
);

test("a pixel whose groups are all saturated has the rate of its zero frame, with errors that hold", async (t) => {
  const got = planes(await run(write(join(folder(), "a_uncal.fits"), true), whole));
  const [rate, err, dq] = [got("SCI"), got("ERR"), got("DQ")];
  t.true(onlyZero.length > 300, String(onlyZero.length));
  const pulls = onlyZero.map((p) => (rate[p]! - truth[p]!) / err[p]!).sort((a, b) => a - b);
  const at = (share: number): number => pulls[Math.floor(share * pulls.length)]!;
  // ± 4 standard errors of n ≈ 400
  t.true(Math.abs(at(0.5)) < 0.25, `bias ${at(0.5)}`);
  t.true(Math.abs((at(0.8413) - at(0.1587)) / 2 - 1) < 0.2, `width ${(at(0.8413) - at(0.1587)) / 2}`);
  t.true(onlyZero.every((p) => (dq[p]! & DQ.SATURATED) !== 0 && (dq[p]! & DQ.DO_NOT_USE) === 0));
});

test("without the zero frame, or where single samples aren't wanted, such a pixel has no rate", async (t) => {
  for (const [withZero, fit] of [
    [false, whole],
    [true, {}],
  ] as const) {
    const rate = planes(await run(write(join(folder(), "b_uncal.fits"), withZero), fit))("SCI");
    t.true(onlyZero.every((p) => Number.isNaN(rate[p]!)));
  }
});

test("a zero frame that is saturated, or next to such a pixel, or at the floor, says nothing", async (t) => {
  const changed = zero.slice();
  const [bright, low] = [onlyZero[10]!, onlyZero[50]!];
  for (let i = 0; i < nints; i++) [changed[i * plane + bright], changed[i * plane + low]] = [limit + 1, 0];
  const path = join(folder(), "c_uncal.fits");
  write(path, true);
  const before = planes(await run(path, { ...whole, integrations: true }))("SCI");
  writeFits(path, [
    {
      cards: openFits(path).hdus[0]!.header.cards.filter(
        ({ keyword }) => !/^(SIMPLE|BITPIX|NAXIS|EXTEND)/.test(keyword),
      ),
    },
    { name: "SCI", data: sci, shape: [nints, ngroups, ny, nx] },
    { name: "ZEROFRAME", data: changed, shape: [nints, ny, nx] },
  ]);
  const after = planes(await run(path, { ...whole, integrations: true }))("SCI");
  for (let i = 0; i < nints; i++) {
    t.false(Number.isNaN(before[i * plane + bright]!));
    t.true(Number.isNaN(after[i * plane + bright]!));
    t.true(Number.isNaN(after[i * plane + low]!));
    for (const p of onlyZero) {
      const isNear =
        Math.abs((p % nx) - (bright % nx)) <= 1 &&
        Math.abs(Math.floor(p / nx) - Math.floor(bright / nx)) <= 1;
      if (p !== low) t.is(Number.isNaN(after[i * plane + p]!), isNear);
    }
  }
});

test("bands, and a chain through a file that carries the zero frame, give the same pixels", async (t) => {
  const input = write(join(folder(), "d_uncal.fits"), true);
  const product = await run(input, whole);
  t.deepEqual(pixels(await run(input, whole, {}, 1)), pixels(product));
  const ramp = await run(input, whole, { until: "linearity" });
  const kept = planes(ramp)("ZEROFRAME");
  t.is(kept.length, nints * plane);
  t.is(kept[onlyZero[0]!] === 0, false);
  t.deepEqual(pixels(await run(ramp, whole)), pixels(product));
});

test("zero frames of another number of ramps are refused with both numbers", async (t) => {
  const path = join(folder(), "e_uncal.fits");
  writeFits(path, [
    { cards: cards({ INSTRUME: "NIRCAM", TFRAME: tframe, GAIN: gain, READNOIS: 5 }) },
    { name: "SCI", data: sci, shape: [nints, ngroups, ny, nx] },
    { name: "ZEROFRAME", data: zero.subarray(0, plane), shape: [1, ny, nx] },
  ]);
  const { plan, events } = await reduce(
    request(folder(), [path], { step: { name: "ramp_fit", module: null } }),
  );
  const said = [...plan.problems, ...events].map((one) => JSON.stringify(one)).join();
  t.regex(said, /ZEROFRAME has 1 planes where SCI has 2 ramps/);
});
