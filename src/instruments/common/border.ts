/** Which edges of a frame are reference pixels: those where the window reaches the detector's own border. */
import type { Border, Subarray } from "../../data/exposure.js";

/** For a detector of `side` × `side` pixels whose outermost `width` are reference pixels. */
export function borderOf({ x, y, nx, ny }: Subarray, side: number, width: number): Border {
  const low = (first: number): number => Math.max(0, width - first + 1);
  const high = (first: number, n: number): number => Math.max(0, first + n - 1 - (side - width));
  return { left: low(x), right: high(x, nx), bottom: low(y), top: high(y, ny) };
}
