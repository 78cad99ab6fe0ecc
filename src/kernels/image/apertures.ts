/** Sums over circles and rings: exact areas of pixels, or pixels divided into squares. */
import { inMemory, simdFor } from "../memory.js";

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
  let sum = 0;
  let variance = 0;
  let area = 0;
  let badArea = 0;
  const reach = radius + 0.5;
  const [x0, x1] = [Math.ceil(x - reach), Math.floor(x + reach)];
  const [y0, y1] = [Math.ceil(y - reach), Math.floor(y + reach)];
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
  return sumOf(image, x, y, radius, { sum, variance, area, badArea });
}

/** What a bad pixel hides is as bright as the rest of the aperture. */
function sumOf(
  { nx, ny }: ApertureImage,
  x: number,
  y: number,
  radius: number,
  { sum, variance, area, badArea }: { sum: number; variance: number; area: number; badArea: number },
): ApertureSum {
  const truncated = x - radius < -0.5 || y - radius < -0.5 || x + radius > nx - 0.5 || y + radius > ny - 0.5;
  const scale = badArea > 0 ? area / (area - badArea) : 1;
  return { sum: sum * scale, err: Math.sqrt(variance * scale), area, badArea, truncated };
}

/** The exact sums within `radius` of each place. */
export function apertureSums(
  image: ApertureImage,
  places: readonly { x: number; y: number }[],
  radius: number,
): ApertureSum[] {
  const { nx, ny, sci, err, bad } = image;
  const errors = err instanceof Float32Array ? err : null;
  const simd = sci instanceof Float32Array && simdFor(sci, bad ?? sci) && simdFor(sci, errors ?? sci);
  if (!simd) return places.map(({ x, y }) => apertureSum(image, x, y, radius));
  return inMemory((memory) => {
    const out = memory.f64(4);
    const noise = [errors?.byteOffset ?? 0, typeof err === "number" ? err : 0] as const;
    const planes = [out.byteOffset, sci.byteOffset, ...noise, bad?.byteOffset ?? 0, nx, ny] as const;
    return places.map(({ x, y }) => {
      simd.sumAperture(...planes, x, y, radius);
      const [sum, variance, area, badArea] = out as unknown as [number, number, number, number];
      return sumOf(image, x, y, radius, { sum, variance, area, badArea });
    });
  });
}

/** Part of the unit square about (dx, dy) that lies within `r` of the origin. */
function inside(dx: number, dy: number, r: number, method: ApertureMethod): number {
  const distance = dx * dx + dy * dy;
  if (distance > (r + PIXEL_RADIUS) * (r + PIXEL_RADIUS)) return 0;
  if (r > PIXEL_RADIUS && distance < (r - PIXEL_RADIUS) * (r - PIXEL_RADIUS)) return 1;
  if (method === "exact") return circleAndPixel(dx, dy, r);
  let count = 0;
  for (let j = 0; j < method; j++)
    for (let i = 0; i < method; i++) {
      const u = dx + (i + 0.5) / method - 0.5;
      const v = dy + (j + 0.5) / method - 0.5;
      if (u * u + v * v < r * r) count++;
    }
  return count / (method * method);
}

/** Area of the disc of radius `r` about the origin in the unit square about (dx, dy). */
export const circleAndPixel = (dx: number, dy: number, r: number): number =>
  mirrored(dx - 0.5, dx + 0.5, dy - 0.5, dy + 0.5, r);

/** The disc in a rectangle, which is cut at the axes and its parts turned into the first quadrant. */
function mirrored(x0: number, x1: number, y0: number, y1: number, r: number): number {
  if (x1 <= 0) return mirrored(-x1, -x0, y0, y1, r);
  if (y1 <= 0) return mirrored(x0, x1, -y1, -y0, r);
  if (x0 < 0) return mirrored(0, -x0, y0, y1, r) + mirrored(0, x1, y0, y1, r);
  if (y0 < 0) return mirrored(x0, x1, 0, -y0, r) + mirrored(x0, x1, 0, y1, r);
  return quadrant(x0, x1, y0, y1, r);
}

/** ∫ (min(y₁, √(r² − x²)) − y₀) dx over [x₀, x₁] where it is positive; 0 ≤ x₀, 0 ≤ y₀. */
function quadrant(x0: number, x1: number, y0: number, y1: number, r: number): number {
  if (x0 * x0 + y0 * y0 >= r * r) return 0;
  if (x1 * x1 + y1 * y1 <= r * r) return (x1 - x0) * (y1 - y0);
  // The circle passes the upper edge at `a` and the lower one at `b`, or the sides.
  const a = y1 < r ? Math.min(x1, Math.max(x0, Math.sqrt(r * r - y1 * y1))) : x0;
  const b = Math.min(x1, Math.sqrt(r * r - y0 * y0));
  const arc = b * Math.sqrt(r * r - b * b) - a * Math.sqrt(r * r - a * a);
  const sector = r * r * (Math.asin(Math.min(1, b / r)) - Math.asin(Math.min(1, a / r)));
  return (a - x0) * (y1 - y0) + (arc + sector) / 2 - (b - a) * y0;
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
