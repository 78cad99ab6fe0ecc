/** The background under sources: the mode of boxes after clipping, as SExtractor estimates it (Bertin & Arnouts 1996, §3). */
import { fillMesh } from "./background-mesh.js";
import { expandNatural } from "./natural-spline.js";
import { medianOf } from "./select.js";
import { clipRun, meanOfRun, medianOfRun, stdOfRun, type ClipPolicy } from "./sigma-clip.js";
import { sortFloats } from "./sort.js";

export interface StarBackground {
  /** Median over the boxes, filtered. */
  level: number;
  rms: number;
}

const clip: ClipPolicy = {
  sigmaLow: 3,
  sigmaHigh: 3,
  iterations: Infinity,
  center: "median",
  deviation: "std",
};

/** A box with fewer good pixels takes the value of others. */
const ENOUGH = 0.5;

/** Skewness up to which the mode is 2.5·median − 1.5·mean; a crowded box takes its median. */
const SKEWED = 0.3;

/**
 * Fills `out` (and `rms`, unless null) with the background of `sci`, null when no box has enough good pixels.
 * `bad`: pixels left out beside those that aren't finite.
 */
export function starBackground(
  out: Float32Array,
  rms: Float32Array | null,
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
  const values = new Float32Array(box * box);
  const sorted = new Float64Array(box * box);
  for (let b = 0; b < mx * my; b++) {
    const [x0, y0] = [(b % mx) * box, Math.floor(b / mx) * box];
    const [x1, y1] = [Math.min(nx, x0 + box), Math.min(ny, y0 + box)];
    let n = 0;
    for (let y = y0; y < y1; y++)
      for (let i = y * nx + x0; i < y * nx + x1; i++) {
        const v = sci[i]!;
        if (v - v === 0 && !(bad && bad[i] !== 0)) values[n++] = v;
      }
    if (n < ENOUGH * (x1 - x0) * (y1 - y0)) continue;
    sortFloats(sorted, values, n);
    const run = { from: 0, to: n };
    clipRun(sorted, run, clip);
    const [median, mean, s] = [medianOfRun(sorted, run), meanOfRun(sorted, run), stdOfRun(sorted, run)];
    good[b] = 1;
    level[b] = s > 0 && Math.abs(mean - median) / s < SKEWED ? 2.5 * median - 1.5 * mean : median;
    scatter[b] = s;
  }
  if (!good.includes(1)) return null;
  const found: number[] = [];
  for (const [plane, mesh] of [
    [out, level],
    [rms, scatter],
  ] as const) {
    fillMesh(mesh, good, mx);
    const smooth = filterInside(mesh, mx, my, filter);
    if (plane) expandNatural(plane, smooth, mx, my, box, nx, ny);
    found.push(medianOf(smooth, smooth.length));
  }
  return { level: found[0]!, rms: found[1]! };
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
