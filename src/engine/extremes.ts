/** Least and greatest value of a product, and its pixels without one: exact whatever the bands, unlike a mean. */
import type { Image, Ramp } from "../data/kinds.js";
import { extremes } from "../kernels/extremes.js";
import type { Band } from "./bands.js";

export interface Extremes {
  /** Finite; ∞ and −∞ where no pixel has a value. */
  min: number;
  max: number;
  /** Pixels with a value and pixels of NaN. */
  values: number;
  none: number;
}

export const noExtremes: Extremes = { min: Infinity, max: -Infinity, values: 0, none: 0 };

/** Of the rows `own` of every plane of a product that holds the rows `read`. */
export function extremesOf({ sci, nx, ny }: Image | Ramp, read: Band, own: Band): Extremes {
  if (!sci) return noExtremes;
  let [min, max, none] = [Infinity, -Infinity, 0];
  for (let plane = 0; plane < sci.length; plane += nx * ny) {
    const start = plane + (own.y0 - read.y0) * nx;
    const part = extremes(sci.subarray(start, start + own.ny * nx));
    [min, max, none] = [Math.min(min, part.min), Math.max(max, part.max), none + part.none];
  }
  const values = min === Infinity ? 0 : (sci.length / ny) * own.ny - none;
  return { min, max, values, none };
}

export const joinExtremes = (a: Extremes, b: Extremes): Extremes => ({
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
  values: a.values + b.values,
  none: a.none + b.none,
});
