/** The sky of a frame on a coarse mesh: one robust value and scatter for each box of pixels. */
import { withBoxSky, type SkyClip } from "./box-sky.js";

export interface Mesh {
  mx: number;
  my: number;
  value: Float64Array;
  /** Standard deviation of the values kept. */
  rms: Float64Array;
  /** 1 where the box had enough good pixels. */
  good: Uint8Array;
}

/** Part of a box that may be bad or clipped. */
const MAX_BAD = 0.1;

/**
 * Boxes of `box` × `box` pixels from the first pixel on, those at the far edges filled up with nothing. Bad: q ≠ 0
 * or d not finite. The value is the biweight location of what clipping leaves.
 */
export function makeMesh(
  sci: Float32Array,
  dq: Uint32Array,
  nx: number,
  ny: number,
  box: number,
  clip: SkyClip,
): Mesh {
  const mx = Math.ceil(nx / box);
  const my = Math.ceil(ny / box);
  const mesh: Mesh = {
    mx,
    my,
    value: new Float64Array(mx * my).fill(NaN),
    rms: new Float64Array(mx * my).fill(NaN),
    good: new Uint8Array(mx * my),
  };
  const enough = box * box * (1 - MAX_BAD);
  withBoxSky(sci, dq, nx, box * box, enough, clip, (find) => {
    for (let b = 0; b < mx * my; b++) {
      const [x0, y0] = [(b % mx) * box, Math.floor(b / mx) * box];
      const sky = find({ x0, y0, width: Math.min(box, nx - x0), height: Math.min(box, ny - y0) });
      if (!sky) continue;
      mesh.good[b] = 1;
      mesh.value[b] = sky.value;
      mesh.rms[b] = sky.rms;
    }
  });
  return mesh;
}

/** Boxes without a value get the mean of the 10 nearest good ones, weighted by 1/distance; ties in row order. */
export function fillMesh(values: Float64Array, good: Uint8Array, mx: number): void {
  const known: number[] = [];
  good.forEach((is, b) => is && known.push(b));
  const source = values.slice();
  for (let b = 0; b < values.length; b++) {
    if (good[b]) continue;
    const nearest = known
      .map((k) => ({ k, distance: Math.hypot((k % mx) - (b % mx), Math.floor(k / mx) - Math.floor(b / mx)) }))
      .sort((p, q) => p.distance - q.distance || p.k - q.k)
      .slice(0, 10);
    let sum = 0;
    let total = 0;
    for (const { k, distance } of nearest) {
      sum += source[k]! / distance;
      total += 1 / distance;
    }
    values[b] = sum / total;
  }
}

/** Median of the `size` × `size` boxes around each; beyond the mesh there is nothing. */
export function filterMesh(values: Float64Array, mx: number, my: number, size: number): Float64Array {
  const half = size >> 1;
  return Float64Array.from(values, (_, b) => {
    const [x, y] = [b % mx, Math.floor(b / mx)];
    const near: number[] = [];
    for (let v = Math.max(0, y - half); v <= Math.min(my - 1, y + half); v++)
      for (let u = Math.max(0, x - half); u <= Math.min(mx - 1, x + half); u++)
        near.push(values[v * mx + u]!);
    near.sort((p, q) => p - q);
    const middle = near.length >> 1;
    return near.length % 2 === 1 ? near[middle]! : (near[middle - 1]! + near[middle]!) / 2;
  });
}
