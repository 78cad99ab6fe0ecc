import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { readArrays } from "../../src/data/asdf.js";
import type { Reference } from "../../src/data/kinds.js";
import { CalibrationError } from "../../src/errors.js";
import { openFits, readImage, writeFits } from "../../src/fits/index.js";
import { heap } from "../../src/kernels/alloc.js";
import { refpix } from "../../src/steps/refpix.js";
import { folder, layer, pixels, reduce, request } from "../engine/helpers.js";
import { asdfOf } from "../helpers/asdf.js";
import { normal, uniform } from "../helpers/images.js";
import { cards } from "../helpers/ramp-files.js";
import { bandOf, exposureOf, rampOf, readoutOf, referenceOf, rowsOf } from "../helpers/ramps.js";
import { prepareOn } from "../helpers/run-step.js";
import * as v from "valibot";

const [nx, ny, channels, border, rms] = [64, 256, 4, 4, 5];
const width = nx / channels;
const gauss = normal(17);

/** 1/f noise of ny rows with unit variance: the frequencies of a frame twice as long, so that nothing returns at its end. */
function flicker(): Float64Array {
  const rows = new Float64Array(ny);
  for (let k = 1; k <= ny; k++) {
    const [a, b] = [gauss() / Math.sqrt(k), gauss() / Math.sqrt(k)];
    for (let y = 0; y < ny; y++)
      rows[y]! += a * Math.cos((Math.PI * k * y) / ny) + b * Math.sin((Math.PI * k * y) / ny);
  }
  const scale = 1 / Math.sqrt(Array.from({ length: ny }, (_, k) => 1 / (k + 1)).reduce((x, z) => x + z, 0));
  return rows.map((value) => value * scale);
}

/** A read in DN: a drift that all channels share, one of each channel, and noise of each pixel. */
function read(): Float32Array {
  const common = flicker();
  const own = Array.from({ length: channels }, flicker);
  return Float32Array.from({ length: nx * ny }, (_, i) => {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    return 8 * common[y]! + 6 * own[Math.floor(x / width)]![y]! + rms * gauss();
  });
}

const mean = (frame: ArrayLike<number>, y: number, from: number, to: number): number => {
  let sum = 0;
  for (let x = from; x < to; x++) sum += frame[y * nx + x]!;
  return sum / (to - from);
};

/** Rows of the light-sensitive pixels of a channel. */
const rowsOfChannel = (frame: ArrayLike<number>, c: number): number[] =>
  Array.from({ length: ny }, (_, y) =>
    mean(frame, y, Math.max(border, c * width), Math.min(nx - border, (c + 1) * width)),
  );

/** Re, Im of the frequencies 0 … ny/2 of rows without their mean. */
function transform(rows: readonly number[]): [number, number][] {
  const middle = rows.reduce((a, b) => a + b, 0) / ny;
  return Array.from({ length: ny / 2 + 1 }, (_, k) => {
    let [re, im] = [0, 0];
    rows.forEach((value, y) => {
      const angle = (2 * Math.PI * ((k * y) % ny)) / ny;
      re += (value - middle) * Math.cos(angle);
      im -= (value - middle) * Math.sin(angle);
    });
    return [re, im];
  });
}

/**
 * Weights by least squares over darks: S = γL + ζR at each frequency, with neighbouring frequencies taken together. What is
 * symmetric in time has real cross spectra.
 */
function train(darks: readonly Float32Array[]) {
  const n = ny / 2 + 1;
  const sums = Array.from({ length: channels }, () => Array.from({ length: n }, () => [0, 0, 0, 0, 0]));
  for (const dark of darks) {
    const [l, r] = [0, nx - border].map((x) =>
      transform(Array.from({ length: ny }, (_, y) => mean(dark, y, x, x + border))),
    ) as [[number, number][], [number, number][]];
    for (let c = 0; c < channels; c++) {
      const s = transform(rowsOfChannel(dark, c));
      const dot = (a: readonly number[], b: readonly number[]): number => a[0]! * b[0]! + a[1]! * b[1]!;
      for (let k = 1; k < n; k++) {
        const [a, b, own] = [l[k]!, r[k]!, s[k]!];
        [dot(a, a), dot(b, b), dot(a, b), dot(own, a), dot(own, b)].forEach(
          (value, i) => (sums[c]![k]![i]! += value),
        );
      }
    }
  }
  const solve = (c: number, k: number): [number, number] => {
    const near = sums[c]!.slice(Math.max(1, k - 2 - (k >> 2)), k + 3 + (k >> 2));
    const [ll, rr, lr, sl, sr] = [0, 1, 2, 3, 4].map((i) => near.reduce((sum, one) => sum + one[i]!, 0)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const det = ll * rr - lr * lr;
    return [(sl * rr - sr * lr) / det, (sr * ll - sl * lr) / det];
  };
  const weights = (side: 0 | 1) => ({
    shape: [channels, n],
    data: Array.from({ length: channels * n }, (_, i) => [
      solve(Math.floor(i / n), Math.max(1, i % n))[side],
      0,
    ]).flat(),
  });
  return { gamma: weights(0), zeta: weights(1) };
}

const kernels = asdfOf({ img1: train(Array.from({ length: 60 }, read)) }, true);
const path = join(folder(), "sirs.asdf");
writeFileSync(path, kernels);

const groups = Array.from({ length: 6 }, read);

async function corrected(params: Record<string, unknown>, mem = 1e9): Promise<string> {
  const input = join(folder(), "dark_ramp.fits");
  const data = Float32Array.from(groups.flatMap((frame) => [...frame]));
  writeFits(input, [
    { cards: cards({ INSTRUME: "IRIS", DETECTOR: "IMG1", TFRAME: 1, GAIN: 2, READNOIS: 5 }) },
    { name: "SCI", data, shape: [1, groups.length, ny, nx] },
  ]);
  const settings = { border, channels, ...params };
  const refs = params["refpix_algorithm"] === "sirs" ? { sirskernel: path } : {};
  const { plan, events } = await reduce(
    request(folder(), [input], {
      step: { name: "refpix", module: null },
      layers: [layer({ params: { refpix: settings }, refs })],
    }),
    { mem },
  );
  if (plan.problems.length > 0 || events.some(({ type }) => type === "failure"))
    throw new Error(JSON.stringify([plan.problems, events]));
  return plan.products[0]!.output;
}

/** Scatter of the rows of all channels and groups about the level of each. */
function rowNoise(product: string): number {
  const file = openFits(product);
  const data = readImage(file, file.hdu("SCI")!).data as unknown as Float32Array;
  file.close();
  let [sum, n] = [0, 0];
  for (let g = 0; g < groups.length; g++)
    for (let c = 0; c < channels; c++) {
      const rows = rowsOfChannel(data.subarray(g * nx * ny, (g + 1) * nx * ny), c);
      const level = rows.reduce((a, b) => a + b, 0) / ny;
      for (const row of rows) sum += (row - level) ** 2;
      n += ny;
    }
  return Math.sqrt(sum / n);
}

test("weights by frequency leave less noise of rows than the running median of the sides", async (t) => {
  const noises: Record<string, number> = {};
  noises["levels only"] = rowNoise(await corrected({ use_side_ref_pixels: false }));
  noises["median"] = rowNoise(await corrected({}));
  noises["SIRS"] = rowNoise(await corrected({ refpix_algorithm: "sirs" }));
  t.log(noises);
  t.true(noises["SIRS"]! < 0.9 * noises["median"]!, JSON.stringify(noises));
  t.true(noises["median"]! < noises["levels only"]!, JSON.stringify(noises));
});

test("bands give the pixels of the whole frame", async (t) => {
  const sirs = { refpix_algorithm: "sirs" };
  t.deepEqual(pixels(await corrected(sirs, 1)), pixels(await corrected(sirs)));
});

/** A square frame, as a detector whose axes run as FASTAXIS and SLOWAXIS say delivers it. */
const side = 64;
const sent = new Map<string, number[]>();
function asDelivered(frame: ArrayLike<number>, fast: number, slow: number): number[] {
  return Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    const [u, w] = Math.abs(fast) === 1 ? [x, y] : [y, x];
    return frame[(slow < 0 ? side - 1 - w : w) * side + (fast < 0 ? side - 1 - u : u)]!;
  });
}

test("left, right, first row and first channel are the detector's, however its axes run in the image", (t) => {
  const random = uniform(5);
  const frame = Array.from({ length: side * side }, () => 100 * random());
  // another weight at each frequency and channel, with phases: nothing here is symmetric
  const n = side / 2 + 1;
  const some = () => ({
    shape: [channels, n],
    data: Array.from({ length: 2 * channels * n }, () => random() - 0.5),
  });
  const arrays = readArrays(asdfOf({ t1: { gamma: some(), zeta: some() } }), "k.asdf");
  const sirskernel: Reference = { ...referenceOf(1, 1, [0]), arrays };
  for (const [fast, slow] of [
    [1, 2],
    [-1, 2],
    [1, -2],
    [-1, -2],
    [2, 1],
    [-2, 1],
    [2, -1],
    [-2, -1],
  ] as const) {
    const exposure = exposureOf(readoutOf(1));
    const params = v.parse(refpix.params, { border, channels, refpix_algorithm: "sirs", halfwidth: 20 });
    const bad = asDelivered(
      frame.map((_, i) => (i % 97 === 0 ? DQ.DO_NOT_USE : 0)),
      fast,
      slow,
    );
    const make = () =>
      rampOf({ nx: side, ny: side, ngroups: 1, nints: 1 }, asDelivered(frame, fast, slow), exposure, heap, {
        pixeldq: bad,
      });
    const around = {
      params,
      refs: { sirskernel },
      exposure,
      header: { FASTAXIS: fast, SLOWAXIS: slow },
      alloc: heap,
    };
    const prepared = prepareOn(refpix, make(), around) as never;
    const { product } = refpix.run(make(), { ...around, members: {}, prepared });
    const band = refpix.run(bandOf(make(), 16, 24), { ...around, members: {}, prepared }).product;
    t.deepEqual(rowsOf(band.sci!, band, 0, 24), rowsOf(product.sci!, product, 16, 24));
    sent.set(`${fast} ${slow}`, [...product.sci!]);
  }
  const first = sent.get("1 2")!;
  for (const [axes, got] of sent) {
    const [fast, slow] = axes.split(" ").map(Number) as [number, number];
    const want = asDelivered(first, fast, slow);
    t.true(
      got.every((value, i) => Math.abs(value - want[i]!) < 1e-3),
      axes,
    );
  }
});

test("a reference without the detector, and none at all, say what to do", async (t) => {
  const input = join(folder(), "x_ramp.fits");
  writeFits(input, [
    { cards: cards({ INSTRUME: "IRIS", DETECTOR: "IMG2", TFRAME: 1, GAIN: 2, READNOIS: 5 }) },
    { name: "SCI", data: groups[0]!, shape: [1, 1, ny, nx] },
  ]);
  const run = (refs: Record<string, string>) =>
    reduce(
      request(folder(), [input], {
        step: { name: "refpix", module: null },
        layers: [layer({ params: { refpix: { border, channels, refpix_algorithm: "sirs" } }, refs })],
      }),
    );
  const wrong = await run({ sirskernel: path });
  t.regex(
    JSON.stringify(wrong.events),
    /refpix cannot use sirs\.asdf for detector IMG2 — it has no gamma of it/,
  );
  const none = await run({});
  t.regex(none.plan.problems[0]!.message, /there is no SIRSKERNEL reference/);
  t.is(none.plan.problems[0]!.code, new CalibrationError("").code);
  const image = await run({ sirskernel: input });
  t.regex(image.plan.problems[0]!.message, /it holds images, arrays in ASDF are wanted/);
});
