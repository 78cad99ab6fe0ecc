/** The background under sources: the mode of boxes after clipping, as SExtractor estimates it (Bertin & Arnouts 1996, §3). */
import { fillMesh } from "./background-mesh.js";
import { withBoxMode } from "./box-mode.js";
import { expandNatural } from "./natural-spline.js";
import { medianOf } from "./select.js";

export interface StarBackground {
  /** Median over the boxes, filtered. */
  level: number;
  rms: number;
  /** Highest minus lowest box. */
  range: number;
}

/** A box with fewer good pixels takes the value of others. */
const ENOUGH = 0.5;

/**
 * Fills `flat` with `sci` minus its background; null when no box has enough good pixels.
 * `bad`: pixels left out beside those that aren't finite.
 */
export function subtractStarBackground(
  flat: Float32Array,
  sci: Float32Array,
  bad: Uint8Array | null,
  nx: number,
  ny: number,
  box: number,
  filter: number,
): StarBackground | null {
  const [mx, my] = [Math.ceil(nx / box), Math.ceil(ny / box)];
  const level = new Float64Array(mx * my).fill(NaN);
  const scatter = new Float64Array(mx * my).fill(NaN);
  const good = new Uint8Array(mx * my);
  withBoxMode(sci, bad, nx, box * box, (find) => {
    for (let b = 0; b < mx * my; b++) {
      const [x0, y0] = [(b % mx) * box, Math.floor(b / mx) * box];
      const [width, height] = [Math.min(box, nx - x0), Math.min(box, ny - y0)];
      const mode = find({ x0, y0, width, height }, ENOUGH * width * height);
      if (!mode) continue;
      good[b] = 1;
      level[b] = mode.level;
      scatter[b] = mode.scatter;
    }
  });
  if (!good.includes(1)) return null;
  const [smooth, rms] = [level, scatter].map((mesh) => {
    fillMesh(mesh, good, mx);
    return filterInside(mesh, mx, my, filter);
  }) as [Float64Array, Float64Array];
  expandNatural(flat, sci, smooth, mx, my, box, nx, ny);
  const range = smooth.reduce((a, b) => Math.max(a, b)) - smooth.reduce((a, b) => Math.min(a, b));
  return { level: medianOf(smooth, smooth.length), rms: medianOf(rms, rms.length), range };
}

/** Median of the `size`² boxes around each; near an edge of as many as lie on either side, so that a slope stays. */
function filterInside(values: Float64Array, mx: number, my: number, size: number): Float64Array {
  const half = size >> 1;
  const near = new Float64Array(size * size);
  return Float64Array.from(values, (_, b) => {
    const [x, y] = [b % mx, Math.floor(b / mx)];
    const [rx, ry] = [Math.min(half, x, mx - 1 - x), Math.min(half, y, my - 1 - y)];
    let n = 0;
    for (let v = y - ry; v <= y + ry; v++)
      for (let u = x - rx; u <= x + rx; u++) near[n++] = values[v * mx + u]!;
    return medianOf(near, n);
  });
}
