/** Sums over circles and rings: exact areas of pixels, or pixels divided into squares; growth of light with radius. */

/** Values with what must not be counted, and how uncertain they are. */
export interface ApertureImage {
  nx: number;
  ny: number;
  sci: Float32Array | Float64Array;
  /** 1σ per pixel, one for all, or null when errors aren't wanted. */
  err: Float32Array | number | null;
  /** Not 0: left out, the sum scaled up by the area lost. */
  bad: Uint8Array | null;
}

/** exact: area of circle and pixel; n: which of n × n points of the pixel lie inside; 1 is the pixel's centre. */
export type ApertureMethod = "exact" | number;

export interface ApertureSum {
  sum: number;
  /** √Σσ² over the same weights. */
  err: number;
  /** Pixels, of what lies in the frame. */
  area: number;
  badArea: number;
  /** The aperture leaves the frame. */
  truncated: boolean;
}

/** Half the diagonal of a pixel and a little more. */
const PIXEL_RADIUS = 0.7072;

/** Sum within `radius` of (x, y), pixel centres at whole numbers; a ring with `inner` > 0. */
export function apertureSum(
  image: ApertureImage,
  x: number,
  y: number,
  radius: number,
  method: ApertureMethod = "exact",
  inner = 0,
): ApertureSum {
  const { nx, ny, sci, err, bad } = image;
  let [sum, variance, area, badArea] = [0, 0, 0, 0];
  const reach = radius + 0.5;
  const [x0, x1] = [Math.ceil(x - reach), Math.floor(x + reach)];
  const [y0, y1] = [Math.ceil(y - reach), Math.floor(y + reach)];
  const truncated = x - radius < -0.5 || y - radius < -0.5 || x + radius > nx - 0.5 || y + radius > ny - 0.5;
  for (let j = Math.max(0, y0); j <= Math.min(ny - 1, y1); j++)
    for (let i = Math.max(0, x0); i <= Math.min(nx - 1, x1); i++) {
      const share =
        inside(i - x, j - y, radius, method) - (inner > 0 ? inside(i - x, j - y, inner, method) : 0);
      if (share <= 0) continue;
      const p = j * nx + i;
      area += share;
      if (bad && bad[p] !== 0) {
        badArea += share;
        continue;
      }
      sum += share * sci[p]!;
      if (err === null) continue;
      const e = typeof err === "number" ? err : err[p]!;
      variance += share * e * e;
    }
  const scale = badArea > 0 ? area / (area - badArea) : 1;
  return { sum: sum * scale, err: Math.sqrt(variance * scale), area, badArea, truncated };
}

/** Part of the unit square about (dx, dy) that lies within `r` of the origin. */
function inside(dx: number, dy: number, r: number, method: ApertureMethod): number {
  const distance = dx * dx + dy * dy;
  if (distance > (r + PIXEL_RADIUS) ** 2) return 0;
  if (r > PIXEL_RADIUS && distance < (r - PIXEL_RADIUS) ** 2) return 1;
  if (method === "exact") return circleAndPixel(dx, dy, r);
  let count = 0;
  for (let j = 0; j < method; j++)
    for (let i = 0; i < method; i++) {
      const [u, v] = [dx + (i + 0.5) / method - 0.5, dy + (j + 0.5) / method - 0.5];
      if (u * u + v * v < r * r) count++;
    }
  return count / (method * method);
}

/** Area of the disc of radius `r` about the origin in the unit square about (dx, dy): over its edges, Green. */
export function circleAndPixel(dx: number, dy: number, r: number): number {
  const [x0, x1, y0, y1] = [dx - 0.5, dx + 0.5, dy - 0.5, dy + 0.5];
  const area =
    edgeArea(x0, y0, x1, y0, r) +
    edgeArea(x1, y0, x1, y1, r) +
    edgeArea(x1, y1, x0, y1, r) +
    edgeArea(x0, y1, x0, y0, r);
  return Math.min(1, Math.max(0, area));
}

/** Signed area of the triangle (0, p, q) within the disc: the part of the edge inside it, and sectors beyond. */
function edgeArea(px: number, py: number, qx: number, qy: number, r: number): number {
  const [ex, ey] = [qx - px, qy - py];
  const [a, b, c] = [ex * ex + ey * ey, px * ex + py * ey, px * px + py * py - r * r];
  const discriminant = b * b - a * c;
  if (discriminant <= 0) return sector(px, py, qx, qy, r);
  const root = Math.sqrt(discriminant);
  const enter = Math.max(0, (-b - root) / a);
  const leave = Math.min(1, (-b + root) / a);
  if (enter >= leave) return sector(px, py, qx, qy, r);
  const [ux, uy] = [px + enter * ex, py + enter * ey];
  const [vx, vy] = [px + leave * ex, py + leave * ey];
  return sector(px, py, ux, uy, r) + (ux * vy - uy * vx) / 2 + sector(vx, vy, qx, qy, r);
}

const sector = (px: number, py: number, qx: number, qy: number, r: number): number =>
  (r * r * Math.atan2(px * qy - py * qx, px * qx + py * qy)) / 2;

const RINGS = 64;

/**
 * Radii that hold `fractions` of the light within `most`: the growth curve in 64 rings, linear between them. Pixels at
 * the border of a ring are divided into `subpixels`².
 */
export function growthRadii(
  { nx, ny, sci, bad }: ApertureImage,
  x: number,
  y: number,
  most: number,
  fractions: readonly number[],
  subpixels = 5,
): number[] {
  const step = most / RINGS;
  const sums = new Float64Array(RINGS);
  const reach = most + PIXEL_RADIUS;
  for (let j = Math.max(0, Math.ceil(y - reach)); j <= Math.min(ny - 1, Math.floor(y + reach)); j++)
    for (let i = Math.max(0, Math.ceil(x - reach)); i <= Math.min(nx - 1, Math.floor(x + reach)); i++) {
      const p = j * nx + i;
      const distance = Math.hypot(i - x, j - y);
      if (distance >= reach || (bad && bad[p] !== 0)) continue;
      const within = distance % step;
      if (within >= PIXEL_RADIUS && within <= step - PIXEL_RADIUS) {
        const ring = Math.floor(distance / step);
        if (ring < RINGS) sums[ring]! += sci[p]!;
        continue;
      }
      const value = sci[p]! / (subpixels * subpixels);
      for (let v = 0; v < subpixels; v++)
        for (let u = 0; u < subpixels; u++) {
          const dx = i - x + (u + 0.5) / subpixels - 0.5;
          const dy = j - y + (v + 0.5) / subpixels - 0.5;
          const ring = Math.floor(Math.sqrt(dx * dx + dy * dy) / step);
          if (ring < RINGS) sums[ring]! += value;
        }
    }
  for (let k = 1; k < RINGS; k++) sums[k]! += sums[k - 1]!;
  return fractions.map((fraction) => radiusAt(sums, step, fraction * sums[RINGS - 1]!));
}

function radiusAt(sums: Float64Array, step: number, wanted: number): number {
  let k = 0;
  while (k < RINGS && sums[k]! < wanted) k++;
  if (k === RINGS) return RINGS * step;
  if (k === 0) return wanted <= 0 || sums[0] === 0 ? 0 : (step * wanted) / sums[0]!;
  return step * (k + (wanted - sums[k - 1]!) / (sums[k]! - sums[k - 1]!));
}

/** Values of the good pixels whose centres lie between two radii; returns how many. `out` must hold them all. */
export function ringValues(
  out: Float64Array,
  { nx, ny, sci, bad }: ApertureImage,
  x: number,
  y: number,
  inner: number,
  outer: number,
): number {
  let n = 0;
  for (let j = Math.max(0, Math.ceil(y - outer)); j <= Math.min(ny - 1, Math.floor(y + outer)); j++)
    for (let i = Math.max(0, Math.ceil(x - outer)); i <= Math.min(nx - 1, Math.floor(x + outer)); i++) {
      const distance = (i - x) * (i - x) + (j - y) * (j - y);
      if (distance >= outer * outer || distance < inner * inner) continue;
      const p = j * nx + i;
      const value = sci[p]!;
      if (!(bad && bad[p] !== 0) && value - value === 0) out[n++] = value;
    }
  return n;
}
