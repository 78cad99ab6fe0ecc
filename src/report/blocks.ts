/** Averages of square blocks of good pixels, piece by piece: what a picture needs of a frame of any size. */
import { DQ } from "../data/dq.js";
import { withBlockSums } from "../kernels/image/block-sums.js";

export interface Grid {
  nx: number;
  ny: number;
  /** Side of a block. */
  factor: number;
  width: number;
  height: number;
}

/** Sums over the part of each block that lies in some rows. Plain arrays: they travel between threads. */
export interface Piece {
  y0: number;
  /** First row of blocks. */
  row: number;
  sum: Float64Array;
  good: Uint32Array;
}

/** The smallest blocks with which neither side of the picture is longer than `size`. */
export function gridOf(nx: number, ny: number, size: number): Grid {
  const factor = Math.max(1, Math.ceil(Math.max(nx, ny) / size));
  return { nx, ny, factor, width: Math.ceil(nx / factor), height: Math.ceil(ny / factor) };
}

/** The rows [y0, y0 + ny) of the frame; `dq` may be null. Bad: DO_NOT_USE, or a value that isn't finite. */
export function sumRows(
  grid: Grid,
  y0: number,
  ny: number,
  sci: Float32Array,
  dq: Uint32Array | null,
): Piece {
  const { nx, factor, width } = grid;
  const row = Math.floor(y0 / factor);
  const rows = Math.floor((y0 + ny - 1) / factor) - row + 1;
  const sum = new Float64Array(rows * width);
  const good = new Uint32Array(rows * width);
  withBlockSums({ sci, dq }, nx, factor, DQ.DO_NOT_USE, (sumBlocks) => {
    for (let k = 0; k < rows; k++) {
      const from = Math.max(0, (row + k) * factor - y0) * nx;
      const end = Math.min(ny, (row + k + 1) * factor - y0) * nx;
      const [at, next] = [k * width, (k + 1) * width];
      const flags = dq && dq.subarray(from, end);
      sumBlocks(sum.subarray(at, next), good.subarray(at, next), sci.subarray(from, end), flags);
    }
  });
  return { y0, row, sum, good };
}

/** Block averages of a whole frame, NaN where a block has no good pixel; the order of the pieces doesn't matter. */
export function averageOf(grid: Grid, pieces: readonly Piece[]): Float32Array {
  const sum = new Float64Array(grid.width * grid.height);
  const good = new Uint32Array(sum.length);
  for (const { row, sum: light, good: number } of [...pieces].sort((a, b) => a.y0 - b.y0))
    for (let i = 0, at = row * grid.width; i < light.length; i++, at++) {
      sum[at]! += light[i]!;
      good[at]! += number[i]!;
    }
  const average = new Float32Array(sum.length);
  for (let i = 0; i < sum.length; i++) average[i] = good[i]! > 0 ? sum[i]! / good[i]! : NaN;
  return average;
}
