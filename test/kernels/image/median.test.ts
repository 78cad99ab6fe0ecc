import test from "ava";
import { kernelMemory } from "../../../src/kernels/memory.js";
import {
  medianLine,
  medianLinePlain,
  separableMedian,
  squareMedian,
} from "../../../src/kernels/image/median.js";
import { normal } from "../../helpers/images.js";

const taps = [3, 5, 7, 9] as const;

test("each network finds the median of every arrangement of zeros and ones, and so of anything", (t) => {
  // A network that sorts all sequences of 0 and 1 sorts all sequences (Knuth, TAOCP 3, §5.3.4)
  for (const k of taps)
    for (let bits = 0; bits < 1 << k; bits++) {
      const a = Float32Array.from({ length: k }, (_, i) => (bits >> i) & 1);
      const out = new Float32Array(k);
      medianLinePlain(out, a, k >> 1, (k >> 1) + 1, 1, k);
      t.is(out[k >> 1], [...a].sort()[k >> 1], `${String(k)} ${bits.toString(2)}`);
    }
});

test("SIMD ≡ plain, bit for bit, for any length and step", (t) => {
  const memory = kernelMemory();
  const gauss = normal(9);
  const a = memory.f32(400).map(() => gauss());
  const inside = memory.f32(400);
  inside.set(a);
  for (const k of taps)
    for (const step of [1, 17])
      for (const length of [4, 5, 7, 8, 101]) {
        const [from, simd, plain] = [4 * step, memory.f32(400), new Float32Array(400)];
        medianLine(simd, inside, from, from + length, step, k);
        medianLinePlain(plain, a, from, from + length, step, k);
        t.deepEqual([...simd], [...plain]);
      }
});

test("a frame of half the width keeps its values", (t) => {
  const a = Float32Array.from({ length: 49 }, (_, i) => (i * 31) % 49);
  const out = new Float32Array(49);
  squareMedian(out, a, 7, 7, 5);
  t.deepEqual([out[0], out[8], out[16] === a[16]], [a[0], a[8], false]);
  separableMedian(out, a, new Float32Array(49), 7, 7, 5);
  t.deepEqual([out[6], out[36]], [a[6], a[36]]);
  separableMedian(out, a.subarray(0, 6), new Float32Array(6), 3, 2, 5);
  t.deepEqual([...out.subarray(0, 6)], [...a.subarray(0, 6)]);
});

test("a 3 × 3 median of nine different values is the fifth", (t) => {
  const out = new Float32Array(9);
  squareMedian(out, Float32Array.of(9, 1, 8, 2, 7, 3, 6, 4, 5), 3, 3, 3);
  t.is(out[4], 5);
});
