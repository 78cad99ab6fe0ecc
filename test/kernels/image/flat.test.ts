import test from "ava";
import { applyFlat, applyFlatPlain, type FlatPlanes } from "../../../src/kernels/image/flat.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { normal, uniform } from "../../helpers/images.js";

const memory = kernelMemory();

const copy = <T extends Float32Array | Uint32Array>(values: T): T => {
  const inside = values instanceof Float32Array ? memory.f32(values.length) : memory.u32(values.length);
  inside.set(values);
  return inside as T;
};
const copyPlanes = ({ sci, err, dq, varPoisson, varRnoise }: FlatPlanes): FlatPlanes => ({
  sci: copy(sci),
  err: copy(err),
  dq: copy(dq),
  varPoisson: varPoisson && copy(varPoisson),
  varRnoise: varRnoise && copy(varRnoise),
});
const bits = (plane: Float32Array | null): number[] | null =>
  plane && [...new Uint32Array(plane.buffer, plane.byteOffset, plane.length)];

test("SIMD ≡ plain, bit for bit: NaN, 0, flagged, negative flats, with and without variances, undone", (t) => {
  const [gauss, next] = [normal(8), uniform(9)];
  const floats = (n: number, of: () => number): Float32Array => Float32Array.from({ length: n }, of);
  const odd = (): number => (next() < 0.1 ? NaN : next() < 0.1 ? 0 : next() < 0.1 ? -1.5 : 1 + 0.1 * gauss());
  for (const n of [2, 6, 500])
    for (const inverse of [false, true])
      for (const variances of [false, true]) {
        const flat = floats(n, odd);
        const flatErr = floats(n, () => (next() < 0.1 ? NaN : 0.01 * next()));
        const flatDq = Uint32Array.from({ length: n }, () => (next() < 0.2 ? 1 << (31 * next()) : 0));
        const planes: FlatPlanes = {
          sci: floats(n + 4, () => (next() < 0.1 ? NaN : 100 * gauss())),
          err: floats(n + 4, next),
          dq: Uint32Array.from({ length: n + 4 }, () => 2 ** 32 * next()),
          varPoisson: variances ? floats(n + 4, next) : null,
          varRnoise: variances ? floats(n + 4, next) : null,
        };
        const inside = copyPlanes(planes);
        const policy = { variant: "liger", inverse, badBits: 262144, resetBits: 262145 } as const;
        applyFlatPlain(planes, 3, flat, flatErr, flatDq, policy);
        applyFlat(inside, 3, copy(flat), copy(flatErr), copy(flatDq), policy);
        t.deepEqual(inside.dq.slice(), planes.dq);
        for (const plane of ["sci", "err", "varPoisson", "varRnoise"] as const)
          t.deepEqual(bits(inside[plane]), bits(planes[plane]), plane);
      }
});
