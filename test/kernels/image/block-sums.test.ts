import test from "ava";
import { sumBlocksPlain, withBlockSums } from "../../../src/kernels/image/block-sums.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { normal } from "../../helpers/images.js";

const memory = kernelMemory();
test.beforeEach(() => memory.reset());

test("sums of blocks in SIMD ≡ plain, bit for bit, for any width", (t) => {
  const gauss = normal(3);
  for (const nx of [1, 3, 4, 7, 16, 61])
    for (const [rows, factor] of [
      [1, 1],
      [1, 4],
      [4, 4],
      [3, 5],
      [16, 70],
    ] as const) {
      const n = nx * rows;
      const [sci, dq] = [memory.f32(n), memory.u32(n)];
      for (let i = 0; i < n; i++) {
        sci[i] = i % 13 === 5 ? NaN : i % 17 === 3 ? -Infinity : 1e3 * gauss();
        dq[i] = i % 7 === 2 ? 1 : i % 5 === 1 ? 2 ** 31 : 0;
      }
      const width = Math.ceil(nx / factor);
      for (const flags of [dq, null]) {
        const [sum, good] = [new Float64Array(width).fill(9), new Uint32Array(width).fill(9)];
        const [expected, counted] = [sum.slice(), good.slice()];
        sumBlocksPlain(expected, counted, sci, flags, nx, factor, 1);
        withBlockSums({ sci, dq: flags }, nx, factor, 1, (sumBlocks) => {
          sumBlocks(sum, good, sci, flags);
        });
        t.deepEqual(sum, expected);
        t.deepEqual(good, counted);
      }
    }
});

test("only what is finite and not bad counts", (t) => {
  const [sum, good] = [new Float64Array(2), new Uint32Array(2)];
  const sci = Float32Array.of(1, 2, 4, NaN, 16, 32);
  const dq = Uint32Array.of(0, 1, 2, 0, 0, 0);
  sumBlocksPlain(sum, good, sci, dq, 3, 2, 1);
  t.deepEqual([...sum, ...good], [1 + 16, 4 + 32, 2, 2]);
});
