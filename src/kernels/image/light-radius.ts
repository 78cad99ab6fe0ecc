/** The radius that holds a part of a source's light, from its growth in narrow rings. */
import { heap, type Alloc } from "../alloc.js";
import { inMemory, simdFor } from "../memory.js";
import type { ApertureImage } from "./apertures.js";

const RINGS = 64;
/** Rings that the half of a star's light lies in; all are filled where it doesn't. */
const INNER_RINGS = 20;
/** Pixels at the border of a ring are divided into so many squares along each side. */
const SUBPIXELS = 5;
const PART = 1 / (SUBPIXELS * SUBPIXELS);

/** How far the middles of the parts of a pixel lie from its own, 0.4·√2 and a little more. */
const REACH_OF_PARTS = 0.5657;

/** A place, and the radius that holds all of its light. */
export interface Circle {
  x: number;
  y: number;
  most: number;
}

/** Of each circle the radius that holds `fraction` of its light: the growth curve in 64 rings, linear between them. */
export function lightRadii(image: ApertureImage, circles: readonly Circle[], fraction: number): Float32Array {
  return inMemory((memory) => {
    const alloc = simdFor(image.sci, image.bad ?? image.sci) ? memory : heap;
    const sums = alloc.f64(RINGS);
    const offsets = middles(alloc);
    const radii = new Float32Array(circles.length);
    for (let k = 0; k < circles.length; k++) {
      const circle = circles[k]!;
      const step = circle.most / RINGS;
      const total = fillRings(sums.fill(0), INNER_RINGS, image, circle, offsets);
      let radius = radiusAt(sums, INNER_RINGS, step, fraction * total);
      if (radius >= INNER_RINGS * step) {
        fillRings(sums.fill(0), RINGS, image, circle, offsets);
        radius = radiusAt(sums, RINGS, step, fraction * total);
      }
      radii[k] = radius;
    }
    return radii;
  });
}

/** Middles of the parts of a pixel; infinity fills up the last pair. */
export function middles(alloc: Alloc): Float64Array {
  const offsets = alloc.f64(SUBPIXELS + (SUBPIXELS & 1)).fill(Infinity);
  for (let k = 0; k < SUBPIXELS; k++) offsets[k] = (k + 0.5) / SUBPIXELS - 0.5;
  return offsets;
}

/** Light of each of the first `rings` rings; returns that of all 64. */
function fillRings(
  sums: Float64Array,
  rings: number,
  image: ApertureImage,
  circle: Circle,
  offsets: Float64Array,
): number {
  const { nx, ny, sci, bad } = image;
  const simd = sci instanceof Float32Array ? simdFor(sums, sci) : null;
  if (!simd) return fillRingsPlain(sums, rings, image, circle, offsets);
  const { x, y, most } = circle;
  const planes = [sci.byteOffset, bad?.byteOffset ?? 0, nx, ny] as const;
  const places = [x, y, most / RINGS, most, offsets.byteOffset, SUBPIXELS] as const;
  return simd.fillRings(sums.byteOffset, rings, ...planes, ...places);
}

export function fillRingsPlain(
  sums: Float64Array,
  rings: number,
  { nx, ny, sci, bad }: ApertureImage,
  { x, y, most }: Circle,
  offsets: Float64Array,
): number {
  const step = most / RINGS;
  const reach = most + REACH_OF_PARTS;
  const whole = most - REACH_OF_PARTS;
  const divided = rings * step + REACH_OF_PARTS;
  let total = 0;
  for (let j = Math.max(0, Math.ceil(y - reach)); j <= Math.min(ny - 1, Math.floor(y + reach)); j++) {
    const v = j - y;
    const half = Math.sqrt(Math.max(0, reach * reach - v * v));
    const inner = whole >= Math.abs(v) ? Math.sqrt(whole * whole - v * v) : -1;
    const near = divided >= Math.abs(v) ? Math.sqrt(divided * divided - v * v) : -1;
    for (let i = Math.max(0, Math.ceil(x - half)); i <= Math.min(nx - 1, Math.floor(x + half)); i++) {
      const p = j * nx + i;
      if (bad !== null && bad[p] !== 0) continue;
      const u = i - x;
      const value = sci[p]!;
      const isWhole = i >= Math.ceil(x - inner) && i <= Math.floor(x + inner);
      total += isWhole ? value : value * PART * countWithin(u, v, most * most, offsets);
      if (i >= Math.ceil(x - near) && i <= Math.floor(x + near))
        divide(sums, rings, u, v, 1 / step, offsets, value * PART);
    }
  }
  return total;
}

/** How many of the parts of the pixel about (u, v) lie within the root of `limit`. */
function countWithin(u: number, v: number, limit: number, offsets: Float64Array): number {
  let count = 0;
  for (let k = 0; k < SUBPIXELS; k++) {
    const y = v + offsets[k]!;
    for (let l = 0; l < SUBPIXELS; l++) {
      const x = u + offsets[l]!;
      if (x * x + y * y < limit) count++;
    }
  }
  return count;
}

/** Adds `light` to the ring of each part of the pixel about (u, v). */
function divide(
  sums: Float64Array,
  rings: number,
  u: number,
  v: number,
  perRing: number,
  offsets: Float64Array,
  light: number,
): void {
  for (let k = 0; k < SUBPIXELS; k++) {
    const y = v + offsets[k]!;
    for (let l = 0; l < SUBPIXELS; l++) {
      const x = u + offsets[l]!;
      const ring = (Math.sqrt(x * x + y * y) * perRing) | 0;
      if (ring < rings) sums[ring]! += light;
    }
  }
}

function radiusAt(sums: Float64Array, rings: number, step: number, wanted: number): number {
  let [k, sum] = [0, 0];
  while (k < rings && sum + sums[k]! < wanted) sum += sums[k++]!;
  if (k === rings) return k * step;
  if (k === 0 && wanted <= 0) return 0;
  return step * (k + (wanted - sum) / sums[k]!);
}
