/** How much of an output pixel a distorted input pixel covers. */

/**
 * Area of the unit square [0, 1]² that the quadrilateral with corners (x[k], y[k]), in order around it, covers:
 * each edge adds the area between it and the bottom of the square, right-going edges up, left-going ones down.
 * (ox, oy) is the square's lower left corner.
 */
export function quadOverlap(x: Float64Array, y: Float64Array, ox: number, oy: number): number {
  let area = 0;
  for (let k = 0; k < 4; k++) {
    const next = (k + 1) & 3;
    area += under(x[k]! - ox, y[k]! - oy, x[next]! - ox, y[next]! - oy);
  }
  return Math.abs(area);
}

/** Signed area of the unit square below the segment. */
function under(x1: number, y1: number, x2: number, y2: number): number {
  if (x1 === x2) return 0;
  if (x1 > x2) return -under(x2, y2, x1, y1);
  if (x2 <= 0 || x1 >= 1) return 0;
  const slope = (y2 - y1) / (x2 - x1);
  const from = x1 < 0 ? 0 : x1;
  const to = x2 > 1 ? 1 : x2;
  const left = y1 + slope * (from - x1);
  const right = y1 + slope * (to - x1);
  return clampedArea(to - from, Math.min(left, right), Math.max(left, right));
}

/** ∫ of a line from `low` to `high` over `width`, cut to [0, 1]. */
function clampedArea(width: number, low: number, high: number): number {
  if (high <= 0) return 0;
  if (low >= 1) return width;
  if (low >= 0 && high <= 1) return (width * (low + high)) / 2;
  const rise = high - low;
  const above = high > 1 ? (width * (high - 1)) / rise : 0;
  const below = low < 0 ? (width * -low) / rise : 0;
  return above + ((width - above - below) * (Math.max(low, 0) + Math.min(high, 1))) / 2;
}

/** Length of [a0, a1] within the unit interval around the pixel `m`. */
export function spanOverlap(a0: number, a1: number, m: number): number {
  const from = a0 > m - 0.5 ? a0 : m - 0.5;
  const to = a1 < m + 0.5 ? a1 : m + 0.5;
  return to > from ? to - from : 0;
}
