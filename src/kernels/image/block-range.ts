/** How much an image varies over large scales. */
import { medianOf } from "./select.js";

/** A block with a smaller part of good pixels says nothing. */
const ENOUGH = 0.5;

/** Largest minus smallest median of blocks of `side`² pixels that `bad` leaves; 0 for fewer than two blocks. */
export function blockRange(sci: Float32Array, bad: Uint8Array, nx: number, ny: number, side: number): number {
  const values = new Float32Array(side * side);
  let [least, most] = [Infinity, -Infinity];
  for (let y0 = 0; y0 < ny; y0 += side)
    for (let x0 = 0; x0 < nx; x0 += side) {
      let n = 0;
      const [x1, y1] = [Math.min(nx, x0 + side), Math.min(ny, y0 + side)];
      for (let y = y0; y < y1; y++)
        for (let i = y * nx + x0; i < y * nx + x1; i++) if (!bad[i]) values[n++] = sci[i]!;
      if (n < ENOUGH * side * side) continue;
      const median = medianOf(values, n);
      least = Math.min(least, median);
      most = Math.max(most, median);
    }
  return most > least ? most - least : 0;
}
