/** What stands in for pixels that cosmic rays hit. */
import { select } from "./select.js";

export type CleanType = "meanmask" | "medmask" | "median" | "idw";

/**
 * Replaces the pixels at `hits`, those of `crmask`, in the data and their variance, by what the good ones of the 5×5 pixels around say. The
 * two outermost rings stay.
 *
 * Where none of them is good, the square grows until one is. The peer takes the median of the whole frame there,
 * which would tie a pixel's value to rows far away.
 */
export function cleanHits(
  a: Float32Array,
  variance: Float32Array,
  hits: Uint32Array,
  crmask: Uint8Array,
  mask: Uint8Array,
  nx: number,
  ny: number,
  cleantype: CleanType,
): void {
  for (const i of hits) {
    const x = i % nx;
    const y = (i - x) / nx;
    if (x < 2 || x >= nx - 2 || y < 2 || y >= ny - 2) continue;
    let n = 0;
    for (let reach = 2; n === 0 && reach <= MAX_REACH; reach++)
      n = goodNeighbours(crmask, mask, x, y, nx, ny, reach);
    if (n === 0) continue;
    a[i] = representative(a, n, cleantype);
    variance[i] = representative(variance, n, cleantype);
  }
}

/** How far a square grows. */
export const MAX_REACH = 6;
const place = new Uint32Array((2 * MAX_REACH + 1) ** 2);
const weight = new Float32Array(place.length);
const near = new Float32Array(place.length);

/** Lists the good pixels within `reach` of (x, y) in `place`, with 1/distance in `weight`. */
function goodNeighbours(
  crmask: Uint8Array,
  mask: Uint8Array,
  x: number,
  y: number,
  nx: number,
  ny: number,
  reach: number,
): number {
  let n = 0;
  for (let v = Math.max(-reach, -y); v <= Math.min(reach, ny - 1 - y); v++)
    for (let u = Math.max(-reach, -x); u <= Math.min(reach, nx - 1 - x); u++) {
      const j = (y + v) * nx + x + u;
      if (crmask[j] || mask[j]) continue;
      place[n] = j;
      weight[n++] = 1 / Math.sqrt(u * u + v * v);
    }
  return n;
}

/** What the first `n` places of a plane say together. */
function representative(plane: Float32Array, n: number, cleantype: CleanType): number {
  if (cleantype === "medmask" || cleantype === "median") {
    for (let k = 0; k < n; k++) near[k] = plane[place[k]!]!;
    // The peer takes the lower of two middle values.
    return select(near, n, (n - 1) >> 1);
  }
  let sum = 0;
  let total = 0;
  for (let k = 0; k < n; k++) {
    const w = cleantype === "idw" ? weight[k]! : 1;
    sum += w * plane[place[k]!]!;
    total += w;
  }
  return sum / total;
}
