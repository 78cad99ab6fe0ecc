/** How much of the output pixels a distorted input pixel covers. */

/**
 * A quadrilateral as its four edges, each from its left to its right end. The area that it covers of a column of unit
 * squares is what lies under its right-going edges less what lies under its left-going ones.
 */
export interface Quad {
  left: Float64Array;
  right: Float64Array;
  /** Height at the left end, and rise per unit. */
  base: Float64Array;
  slope: Float64Array;
  /** +1 for edges that go right, −1 for those that go left. */
  sign: Float64Array;
  /** Of the column entered: the edge's width in it, its lower and its higher end. */
  width: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

export const makeQuad = (): Quad => ({
  left: new Float64Array(4),
  right: new Float64Array(4),
  base: new Float64Array(4),
  slope: new Float64Array(4),
  sign: new Float64Array(4),
  width: new Float64Array(4),
  low: new Float64Array(4),
  high: new Float64Array(4),
});

/** Corners in order around it. */
export function setQuad(quad: Quad, x: Float64Array, y: Float64Array): void {
  for (let k = 0; k < 4; k++) {
    const next = (k + 1) & 3;
    const dx = x[next]! - x[k]!;
    quad.sign[k] = dx > 0 ? 1 : -1;
    quad.left[k] = dx > 0 ? x[k]! : x[next]!;
    quad.right[k] = dx > 0 ? x[next]! : x[k]!;
    quad.base[k] = dx > 0 ? y[k]! : y[next]!;
    quad.slope[k] = dx === 0 ? 0 : (y[next]! - y[k]!) / dx;
  }
}

/** Prepares the column [from, from + 1] of squares. */
export function enterColumn(quad: Quad, from: number): void {
  const { left, right, base, slope, width, low, high } = quad;
  for (let k = 0; k < 4; k++) {
    const l = left[k]!;
    const r = right[k]!;
    const a = l < from ? from : l;
    const b = r > from + 1 ? from + 1 : r;
    if (b <= a) {
      width[k] = 0;
      continue;
    }
    const s = slope[k]!;
    const start = base[k]! + s * (a - l);
    const end = base[k]! + s * (b - l);
    width[k] = b - a;
    low[k] = start < end ? start : end;
    high[k] = start < end ? end : start;
  }
}

/** Area of the square [floor, floor + 1] of the column entered that the quadrilateral covers. */
export function overlapAt({ width, low, high, sign }: Quad, floor: number): number {
  let area = 0;
  for (let k = 0; k < 4; k++) {
    const w = width[k]!;
    if (w !== 0) area += sign[k]! * clampedArea(w, low[k]! - floor, high[k]! - floor);
  }
  return area < 0 ? -area : area;
}

/** ∫ of a line from `low` to `high` over `width`, cut to [0, 1]. */
function clampedArea(width: number, low: number, high: number): number {
  if (high <= 0) return 0;
  if (low >= 1) return width;
  if (low >= 0 && high <= 1) return (width * (low + high)) / 2;
  const rise = high - low;
  const above = high > 1 ? (width * (high - 1)) / rise : 0;
  const below = low < 0 ? (width * -low) / rise : 0;
  return above + ((width - above - below) * ((low > 0 ? low : 0) + (high < 1 ? high : 1))) / 2;
}

/** Length of [a0, a1] within the unit interval around the pixel `m`. */
export function spanOverlap(a0: number, a1: number, m: number): number {
  const from = a0 > m - 0.5 ? a0 : m - 0.5;
  const to = a1 < m + 0.5 ? a1 : m + 0.5;
  return to > from ? to - from : 0;
}
