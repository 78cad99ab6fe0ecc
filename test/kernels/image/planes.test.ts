import test from "ava";
import {
  addInQuadrature,
  addInQuadraturePlain,
  dividePlane,
  orFlags,
  orFlagsPlain,
  subtractPlane,
  subtractPlanePlain,
} from "../../../src/kernels/image/planes.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { normal, uniform } from "../../helpers/images.js";

const memory = kernelMemory();
const bits = (values: Float32Array): number[] => [
  ...new Uint32Array(values.buffer, values.byteOffset, values.length),
];

/** The same values outside and inside the kernels' memory. */
function twice(values: Float32Array): [Float32Array, Float32Array] {
  const inside = memory.f32(values.length);
  inside.set(values);
  return [values, inside];
}

test("SIMD ≡ plain, bit for bit, with NaN, any length, any offset", (t) => {
  const [gauss, next] = [normal(2), uniform(3)];
  const noisy = (n: number): Float32Array =>
    Float32Array.from({ length: n }, () => (next() < 0.05 ? NaN : gauss() * 10 ** (6 * next() - 3)));
  for (const length of [0, 1, 3, 4, 7, 64, 101])
    for (const k of [1, 0.37]) {
      const [plain, simd] = twice(noisy(length + 5));
      const [ref, inside] = twice(noisy(length));
      subtractPlanePlain(plain, 2, ref, k);
      subtractPlane(simd, 2, inside, k);
      t.deepEqual(bits(simd), bits(plain));
      addInQuadraturePlain(plain, 3, ref, k);
      addInQuadrature(simd, 3, inside, k);
      t.deepEqual(bits(simd), bits(plain));
      const flags = Uint32Array.from({ length: length + 5 }, () => next() * 2 ** 32);
      const more = Uint32Array.from({ length }, () => next() * 2 ** 32);
      const [flagsInside, moreInside] = [memory.u32(flags.length), memory.u32(more.length)];
      flagsInside.set(flags);
      moreInside.set(more);
      orFlagsPlain(flags, 1, more);
      orFlags(flagsInside, 1, moreInside);
      t.deepEqual([...flagsInside], [...flags]);
    }
});

test("dividePlane divides by the factor, not by its rounded inverse", (t) => {
  const plane = Float32Array.of(3, 6, NaN);
  dividePlane(plane, 3);
  t.deepEqual([...plane], [1, 2, NaN]);
});
