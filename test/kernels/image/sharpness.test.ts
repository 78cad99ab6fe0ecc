import test from "ava";
import { dilate3, dilate3Plain } from "../../../src/kernels/image/morphology.js";
import { above, abovePlain, sharpness, sharpnessPlain } from "../../../src/kernels/image/sharpness.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { normal, uniform } from "../../helpers/images.js";

const shapes = [
  [6, 1],
  [7, 2],
  [8, 3],
  [18, 5],
  [19, 4],
  [37, 9],
  [131, 7],
] as const;

test("a lone pixel of 8 in noise of 1 has sharpness 4·(2·8)/4 / 2 = 8, its neighbours 0", (t) => {
  const a = new Float32Array(25);
  a[12] = 8;
  const s = new Float32Array(25);
  sharpness(s, a, new Float32Array(25).fill(1), 5, 5);
  t.is(s[12], 8);
  t.deepEqual([s[11], s[13], s[7], s[17]], [0, 0, 0, 0]);
});

test("SIMD ≡ plain, bit for bit: sharpness on frames of any shape, with variances that aren't positive", (t) => {
  const memory = kernelMemory();
  const gauss = normal(5);
  for (const [nx, ny] of shapes) {
    const n = nx * ny;
    const a = memory.f32(n);
    const v = memory.f32(n);
    for (let i = 0; i < n; i++) a[i] = 1000 * gauss() ** 3;
    for (let i = 0; i < n; i++) v[i] = i % 11 === 3 ? -gauss() : i % 11 === 5 ? NaN : 50 * gauss() ** 2;
    const simd = memory.f32(n);
    const plain = new Float32Array(n);
    sharpness(simd, a, v, nx, ny);
    sharpnessPlain(plain, Float32Array.from(a), Float32Array.from(v), nx, ny);
    t.deepEqual([...simd], [...plain], `${nx} × ${ny}`);
  }
});

test("SIMD ≡ plain: places above a limit, also one that no float32 holds", (t) => {
  const memory = kernelMemory();
  const gauss = normal(6);
  for (const n of [1, 3, 4, 7, 101]) {
    const [a, b] = [memory.f32(n), memory.f32(n)];
    for (let i = 0; i < n; i++) [a[i], b[i]] = [i % 5 === 2 ? NaN : gauss(), i % 7 === 3 ? 0 : gauss()];
    a[0] = Math.fround(0.3);
    b[0] = 0;
    for (const limit of [0, 0.3, Math.fround(0.3), 1.35]) {
      const [simd, plain] = [memory.u32(n), new Uint32Array(n)];
      const count = above(simd, a, b, limit);
      t.is(count, abovePlain(plain, Float32Array.from(a), Float32Array.from(b), limit));
      t.deepEqual([...simd.subarray(0, count)], [...plain.subarray(0, count)]);
    }
  }
});

test("SIMD ≡ plain: masks grown by a pixel", (t) => {
  const memory = kernelMemory();
  const next = uniform(7);
  for (const [nx, ny] of shapes) {
    const [mask, simd, plain] = [memory.u8(nx * ny), memory.u8(nx * ny), new Uint8Array(nx * ny)];
    for (let i = 0; i < mask.length; i++) mask[i] = next() < 0.08 ? 1 : 0;
    dilate3(simd, mask, nx, ny);
    dilate3Plain(plain, Uint8Array.from(mask), nx, ny);
    t.deepEqual([...simd], [...plain], `${nx} × ${ny}`);
  }
});
