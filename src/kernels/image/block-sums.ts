/** Sums of the good pixels of square blocks, for pictures of a frame. */
import { inMemory, simdFor } from "../memory.js";

/**
 * Of one row of blocks, `factor` pixels wide: sum and number of the pixels that are finite and have none of the flags `bad`.
 * `sci` and `dq` hold its rows of pixels, [rows][nx]; sums go down the columns first.
 */
export type SumBlocks = (
  sum: Float64Array,
  good: Uint32Array,
  sci: Float32Array,
  dq: Uint32Array | null,
) => void;

/** Calls `use` with what sums such rows; `sci` and `dq` are the arrays that they will be parts of. */
export function withBlockSums<T>(
  { sci, dq }: { sci: Float32Array; dq: Uint32Array | null },
  nx: number,
  factor: number,
  bad: number,
  use: (sumBlocks: SumBlocks) => T,
): T {
  const simd = simdFor(sci, dq ?? sci);
  if (!simd)
    return use((...planes) => {
      sumBlocksPlain(...planes, nx, factor, bad);
    });
  return inMemory((memory) => {
    const width = Math.ceil(nx / factor);
    const [sums, numbers] = [memory.f64(width), memory.u32(width)];
    const [columns, counts] = [memory.raw(8 * nx), memory.raw(4 * nx)];
    return use((sum, good, sci, dq) => {
      simd.sumBlocks(
        ...[sums.byteOffset, numbers.byteOffset, sci.byteOffset, dq?.byteOffset ?? 0],
        ...[nx, sci.length / nx, factor, bad, columns.byteOffset, counts.byteOffset],
      );
      sum.set(sums);
      good.set(numbers);
    });
  });
}

export function sumBlocksPlain(
  sum: Float64Array,
  good: Uint32Array,
  sci: Float32Array,
  dq: Uint32Array | null,
  nx: number,
  factor: number,
  bad: number,
): void {
  sum.fill(0);
  good.fill(0);
  for (let x = 0; x < nx; x++) {
    const block = Math.floor(x / factor);
    let total = 0;
    let count = 0;
    for (let i = x; i < sci.length; i += nx) {
      const v = sci[i]!;
      if (v - v !== 0 || (dq !== null && dq[i]! & bad)) continue;
      total += v;
      count++;
    }
    sum[block]! += total;
    good[block]! += count;
  }
}
