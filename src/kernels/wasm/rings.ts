// Light in narrow rings around a place: pixels at a border are divided into squares, two of which are looked at together.

/** How far the middles of the parts of a pixel lie from its own, 0.4·√2 and a little more. */
const REACH_OF_PARTS: f64 = 0.5657;

/** How many of the parts of the pixel about (u, v) lie within the root of `limit`. */
function countWithin(u: f64, v: f64, limit: f64, offsets: usize, subpixels: i32): i64 {
  const most = f64x2.splat(limit);
  const end = offsets + (<usize>subpixels << 3);
  let count = i64x2.splat(0);
  for (let row = offsets; row < end; row += 8) {
    const y = v + load<f64>(row);
    const yy = f64x2.splat(y * y);
    for (let p = offsets; p < end; p += 16) {
      const x = f64x2.add(f64x2.splat(u), v128.load(p));
      count = i64x2.sub(count, f64x2.lt(f64x2.add(f64x2.mul(x, x), yy), most));
    }
  }
  return i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1);
}

/** Adds to `total` what lies within `most` of the pixels from `first` to `last` of a row. */
function addBorder(
  total: f64,
  sci: usize,
  bad: usize,
  row: usize,
  first: i32,
  last: i32,
  x: f64,
  v: f64,
  most: f64,
  offsets: usize,
  subpixels: i32,
): f64 {
  const part = 1 / <f64>(subpixels * subpixels);
  for (let i = first; i <= last; i++) {
    const p = row + i;
    if (bad && load<u8>(bad + p)) continue;
    const count = countWithin(<f64>i - x, v, most * most, offsets, subpixels);
    total += <f64>load<f32>(sci + (p << 2)) * part * <f64>count;
  }
  return total;
}

// @ts-ignore: decorator
@inline
function add(sums: usize, rings: i32, ring: i32, light: f64): void {
  if (ring >= rings) return;
  const at = sums + (<usize>ring << 3);
  store<f64>(at, load<f64>(at) + light);
}

/** Adds `light` to the ring of each part of the pixel about (u, v). */
function divide(
  sums: usize,
  rings: i32,
  u: f64,
  v: f64,
  perRing: f64,
  offsets: usize,
  subpixels: i32,
  light: f64,
): void {
  const scale = f64x2.splat(perRing);
  const end = offsets + (<usize>subpixels << 3);
  for (let row = offsets; row < end; row += 8) {
    const y = v + load<f64>(row);
    const yy = f64x2.splat(y * y);
    for (let p = offsets; p < end; p += 16) {
      const x = f64x2.add(f64x2.splat(u), v128.load(p));
      const r = f64x2.sqrt(f64x2.add(f64x2.mul(x, x), yy));
      const ring = i32x4.trunc_sat_f64x2_s_zero(f64x2.mul(r, scale));
      add(sums, rings, i32x4.extract_lane(ring, 0), light);
      add(sums, rings, i32x4.extract_lane(ring, 1), light);
    }
  }
}

/**
 * The plain twin is `fillRingsPlain`; `most` is the outermost radius, `bad` may be 0. `offsets`: middles of the `subpixels` parts
 * of a pixel, and infinity after an odd number of them.
 */
export function fillRings(
  sums: usize,
  rings: i32,
  sci: usize,
  bad: usize,
  nx: i32,
  ny: i32,
  x: f64,
  y: f64,
  step: f64,
  most: f64,
  offsets: usize,
  subpixels: i32,
): f64 {
  const reach = most + REACH_OF_PARTS;
  const whole = most - REACH_OF_PARTS;
  const divided = <f64>rings * step + REACH_OF_PARTS;
  const part = 1 / <f64>(subpixels * subpixels);
  const y0 = <i32>Math.max(0, Math.ceil(y - reach));
  const y1 = <i32>Math.min(<f64>(ny - 1), Math.floor(y + reach));
  let total: f64 = 0;
  for (let j = y0; j <= y1; j++) {
    const v = <f64>j - y;
    const half = Math.sqrt(Math.max(0, reach * reach - v * v));
    const x0 = <i32>Math.max(0, Math.ceil(x - half));
    const x1 = <i32>Math.min(<f64>(nx - 1), Math.floor(x + half));
    const row = <usize>j * nx;
    let first = x1 + 1;
    let last = x1;
    if (whole >= Math.abs(v)) {
      const inner = Math.sqrt(whole * whole - v * v);
      first = max(x0, <i32>Math.ceil(x - inner));
      last = max(first - 1, min(x1, <i32>Math.floor(x + inner)));
    }
    total = addBorder(total, sci, bad, row, x0, first - 1, x, v, most, offsets, subpixels);
    for (let p = row + first; p <= row + last; p++)
      if (!(bad && load<u8>(bad + p))) total += <f64>load<f32>(sci + (p << 2));
    total = addBorder(total, sci, bad, row, last + 1, x1, x, v, most, offsets, subpixels);
    if (divided < Math.abs(v)) continue;
    const near = Math.sqrt(divided * divided - v * v);
    const end = <i32>Math.min(<f64>x1, Math.floor(x + near));
    for (let i = <i32>Math.max(<f64>x0, Math.ceil(x - near)); i <= end; i++) {
      const p = row + i;
      if (bad && load<u8>(bad + p)) continue;
      const light = <f64>load<f32>(sci + (p << 2)) * part;
      divide(sums, rings, <f64>i - x, v, 1 / step, offsets, subpixels, light);
    }
  }
  return total;
}
