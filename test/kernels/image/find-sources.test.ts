import test from "ava";
import { heap } from "../../../src/kernels/alloc.js";
import { apertureSum, apertureSums } from "../../../src/kernels/image/apertures.js";
import { splineRow, splineRowPlain } from "../../../src/kernels/image/natural-spline.js";
import { makeFit, normalEquations, normalEquationsPlain } from "../../../src/kernels/image/star-fit.js";
import { fillRingsPlain, lightRadii, middles } from "../../../src/kernels/image/light-radius.js";
import { boxModePlain, withBoxMode } from "../../../src/kernels/image/box-mode.js";
import { detect } from "../../../src/kernels/image/detect.js";
import {
  anyBits,
  anyBitsPlain,
  areFinite,
  areFinitePlain,
  markNotFinite,
  markNotFinitePlain,
} from "../../../src/kernels/image/marks.js";
import { runsAbovePlain, smoothPlain, withRuns, withSmoothed } from "../../../src/kernels/image/smooth.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { normal } from "../../helpers/images.js";

/** Noise and stars in the kernels' memory, some pixels not finite or bad. */
function field(seed: number, nx: number, ny: number) {
  const gauss = normal(seed);
  const [sci, bad] = [kernelMemory().f32(nx * ny), kernelMemory().u8(nx * ny)];
  for (let i = 0; i < nx * ny; i++) {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    const star = 90 * Math.exp(-((((x + 3) % 17) - 8) ** 2 + (((y + 5) % 15) - 7) ** 2) / 6);
    sci[i] = i % 71 === 9 ? NaN : i % 113 === 40 ? Infinity : star + 3 * gauss();
    if (i % 59 === 11) bad[i] = 1;
  }
  return { nx, ny, sci, bad };
}

test("smoothed images and runs in SIMD ≡ plain, bit for bit, for any width", (t) => {
  for (const nx of [1, 3, 4, 7, 8, 50, 61])
    for (const hasBad of [true, false]) {
      const all = field(nx, nx, 23);
      const image = { ...all, bad: hasBad ? all.bad : null };
      const plain = new Float32Array(nx * 23);
      smoothPlain(plain, image);
      withSmoothed(image, (smooth) => {
        t.deepEqual([...smooth], [...plain]);
        // A value that occurs isn't above itself.
        for (const threshold of [9.7, -Infinity, plain[5]!])
          withRuns(smooth, nx, threshold, (find, runs) => {
            for (let y = 0; y < 23; y++) {
              const expected = new Int32Array(nx + 1);
              const count = runsAbovePlain(expected, plain.subarray(y * nx, (y + 1) * nx), threshold);
              t.is(find(y), count);
              t.deepEqual(runs.slice(0, 2 * count), expected.slice(0, 2 * count));
            }
          });
      });
    }
});

test("marks in SIMD ≡ plain", (t) => {
  const { nx, ny, sci } = field(3, 61, 23);
  const [simd, plain] = [kernelMemory().u8(nx * ny), new Uint8Array(nx * ny)];
  markNotFinite(simd, sci);
  markNotFinitePlain(plain, sci);
  t.deepEqual([...simd], [...plain]);
  t.true(plain.includes(1));
  for (const n of [1, 4, 6, 33])
    for (const [at, gap] of [NaN, Infinity, -Infinity].flatMap((value) =>
      [0, n >> 1, n - 1].map((place) => [place, value] as const),
    )) {
      const values = kernelMemory().f32(n);
      t.true(areFinite(values) && areFinitePlain(values));
      values[at] = gap;
      t.false(areFinite(values) || areFinitePlain(values));
    }
  for (const n of [1, 4, 6, 33]) {
    const flags = kernelMemory().u32(n);
    flags[n - 1] = 2 ** 31;
    flags[n >> 1]! |= 5;
    t.is(anyBits(flags), anyBitsPlain(flags));
    t.is(anyBits(flags), 2 ** 31 + 5);
  }
});

test("the mode of a box in SIMD ≡ plain, bit for bit, for any width", (t) => {
  const { nx, ny, sci, bad } = field(3, 61, 23);
  const flatter = kernelMemory().f32(nx * ny);
  for (let i = 0; i < flatter.length; i++) flatter[i] = i % 11 === 0 ? sci[i]! : 7;
  const none = kernelMemory()
    .f32(nx * ny)
    .fill(NaN);
  let found = 0;
  for (const values of [sci, flatter, none])
    for (const [width, height] of [
      [1, 1],
      [6, 5],
      [40, 20],
      [61, 23],
    ] as const)
      for (const flags of [bad, null])
        for (const enough of [0, 0.97 * width * height]) {
          const box = { x0: Math.min(9, nx - width), y0: Math.min(2, ny - height), width, height };
          const expected = boxModePlain(values, flags, nx, box, enough);
          withBoxMode(values, flags, nx, width * height, (find) => {
            t.deepEqual(find(box, enough), expected);
          });
          if (expected) found++;
        }
  t.true(found > 16 && found < 32, String(found));
});

test("sources and their half-light radii are the same in the kernels' memory and out of it", (t) => {
  const inside = field(5, 120, 90);
  const copied = { ...inside, sci: Float32Array.from(inside.sci), bad: Uint8Array.from(inside.bad) };
  const policy = { threshold: 10, minarea: 5, levels: 32, contrast: 0.005, clean: 1 };
  const sources = detect(inside, policy);
  t.true(sources.length > 20);
  t.deepEqual(sources, detect(copied, policy));
  const finite = copied.sci.map((v) => (v - v === 0 ? v : 0));
  const there = kernelMemory().f32(finite.length);
  there.set(finite);
  const sizes = [0.4, 3, 9, 40];
  const circles = sources.flatMap(({ x, y }) => sizes.map((most) => ({ x, y, most })));
  for (const bad of [true, false])
    t.deepEqual(
      lightRadii({ ...inside, err: null, sci: there, bad: bad ? inside.bad : null }, circles, 0.5),
      lightRadii({ ...copied, err: null, sci: finite, bad: bad ? copied.bad : null }, circles, 0.5),
    );
});

test("rings add up to the light of the pixels that lie in them entirely", (t) => {
  const sci = new Float32Array(41 * 41).fill(1);
  const sums = new Float64Array(64);
  const image = { nx: 41, ny: 41, sci, err: null, bad: null };
  const total = fillRingsPlain(sums, 64, image, { x: 20, y: 20, most: 12.8 }, middles(heap));
  t.true(Math.abs(total / (Math.PI * 12.8 ** 2) - 1) < 0.005);
  t.true(Math.abs(sums.reduce((a, b) => a + b) / total - 1) < 1e-9);
});

test("light in circles in SIMD ≡ plain, bit for bit, at the edges and with any kind of error", (t) => {
  const all = field(5, 40, 30);
  all.sci.forEach((v, i) => (all.sci[i] = v - v === 0 ? v : 0));
  const err = kernelMemory()
    .f32(40 * 30)
    .fill(0.7);
  const places = Array.from({ length: 60 }, (_, k) => ({
    x: ((k * 7.31) % 44) - 2,
    y: ((k * 3.77) % 34) - 2,
  }));
  for (const sigma of [err, 2, null])
    for (const bad of [all.bad, null])
      for (const radius of [0.4, 3, 5.3]) {
        const image = { ...all, err: sigma, bad };
        const plain = places.map(({ x, y }) => apertureSum(image, x, y, radius));
        t.deepEqual(apertureSums(image, places, radius), plain);
      }
});

test("normal equations of a star in SIMD ≡ plain, bit for bit", (t) => {
  const gauss = normal(6);
  const n = 121;
  const make = (alloc: typeof heap) => ({ px: alloc.f64(n), py: alloc.f64(n), values: alloc.f64(n) });
  const [fast, plain] = [make(kernelMemory()), make(heap)];
  for (let i = 0; i < n; i++) {
    const [x, y] = [i % 11, Math.floor(i / 11)];
    for (const set of [fast, plain]) [set.px[i], set.py[i]] = [x, y];
    plain.values[i] = 900 * Math.exp(-((x - 5.2) ** 2 + (y - 4.9) ** 2) / 7) + 20 + gauss();
  }
  fast.values.set(plain.values);
  const [a, b] = [makeFit(kernelMemory()), makeFit(heap)];
  for (const fit of [a, b]) fit.parameters.set([850, 5, 5, 21, 0.12, 0.15, 0.01]);
  t.is(normalEquations(a, fast), normalEquationsPlain(b, plain));
  t.deepEqual([...a.a, ...a.b], [...b.a, ...b.b]);
});

test("a row of a spline in SIMD ≡ plain, bit for bit", (t) => {
  const memory = kernelMemory();
  const gauss = normal(8);
  const n = 37;
  const columns = { cells: memory.u32(n), weights: memory.f64(4 * n) };
  columns.cells.set(columns.cells.map((_, x) => x >> 3));
  const [values, bends, out] = [memory.f64(8), memory.f64(8), memory.f64(n)];
  for (const numbers of [columns.weights, values, bends]) numbers.set(numbers.map(gauss));
  const plain = new Float64Array(n);
  splineRow(out, columns, values, bends);
  splineRowPlain(plain, columns, values, bends);
  t.deepEqual([...out], [...plain]);
});
