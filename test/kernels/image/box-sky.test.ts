import test from "ava";
import { blendRows, blendRowsPlain, withRows } from "../../../src/kernels/image/blend-rows.js";
import { boxSkyPlain, withBoxSky } from "../../../src/kernels/image/box-sky.js";
import { biweightLocation } from "../../../src/kernels/image/robust.js";
import { clipRun, stdOfRun } from "../../../src/kernels/image/sigma-clip.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { normal } from "../../helpers/images.js";

const clip = { sigmaLow: 6, sigmaHigh: 2, iterations: 100 };

/** Values of many kinds, some not finite, some flagged, with stars. */
function frame(seed: number, n: number): { sci: Float32Array; dq: Uint32Array } {
  const memory = kernelMemory();
  const gauss = normal(seed + 1);
  const [level, spread] = [
    [200, 14],
    [-3, 1],
    [0, 1e-3],
    [7, 0],
    [1e-20, 1e-24],
    [0, 1e9],
  ][seed % 6]!;
  const [sci, dq] = [memory.f32(n), memory.u32(n)];
  for (let i = 0; i < n; i++) {
    sci[i] = i % 97 === 5 ? NaN : i % 83 === 7 ? -Infinity : level! + spread! * gauss();
    if (i % 41 === 0) sci[i]! += 1000 * spread!;
    if (i % 53 === 1) dq[i] = 2 ** (i % 32);
  }
  return { sci, dq };
}

test("the sky of a box in SIMD ≡ plain, bit for bit, for any width", (t) => {
  for (let seed = 0; seed < 12; seed++) {
    const nx = 61;
    const { sci, dq } = frame(seed, nx * 40);
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [4, 4],
      [29, 31],
      [61, 40],
    ] as const)
      for (const enough of [1, 0.9 * width * height]) {
        const box = { x0: Math.min(7, nx - width), y0: Math.min(5, 40 - height), width, height };
        const simd = withBoxSky(sci, dq, nx, width * height, enough, clip, (find) => find(box));
        t.deepEqual(simd, boxSkyPlain(sci, dq, nx, box, enough, clip), `${String(seed)} ${String(width)}`);
      }
  }
});

test("the sky of a box is the biweight location of what clipping leaves", (t) => {
  const { sci, dq } = frame(0, 2000);
  const good = Float64Array.from(sci.filter((v, i) => dq[i] === 0 && v - v === 0)).sort();
  const run = { from: 0, to: good.length };
  clipRun(good, run, { ...clip, center: "median", deviation: "std" });
  const found = boxSkyPlain(sci, dq, 50, { x0: 0, y0: 0, width: 50, height: 40 }, 1, clip)!;
  const kept = good.slice(run.from, run.to);
  t.true(kept.length < good.length);
  t.true(Math.abs(found.value / biweightLocation(kept, kept.length) - 1) < 1e-12);
  t.true(Math.abs(found.rms / stdOfRun(good, run) - 1) < 1e-12);
});

test("blended rows in SIMD ≡ plain, bit for bit, for any length, from nothing and from an image", (t) => {
  const gauss = normal(4);
  for (const n of [1, 3, 4, 5, 8, 101]) {
    const [simd, from] = [kernelMemory().f32(n), kernelMemory().f32(n)];
    from.forEach((_, i) => (from[i] = 100 * gauss()));
    withRows(5 * n, simd, (wide) => {
      wide.forEach((_, i) => (wide[i] = gauss()));
      const rows = [0, n, 4 * n, 2 * n] as const;
      for (const reach of [0.2, Infinity])
        for (const image of [null, from]) {
          const blend = { rows, weights: [0.3, -0.7, 1.4, 0.1] as const, low: -reach, high: reach };
          const plain = new Float32Array(n);
          blendRows(simd, image, wide, blend);
          blendRowsPlain(plain, image, wide, blend);
          t.deepEqual([...simd], [...plain]);
        }
    });
  }
});
