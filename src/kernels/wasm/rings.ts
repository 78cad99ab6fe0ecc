// Light in narrow rings around a place: pixels at a border are divided into squares, two of which are looked at together.

/** Half the diagonal of a pixel and a little more. */
const PIXEL_RADIUS: f64 = 0.7072;

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
  const reach = most + PIXEL_RADIUS;
  const whole = max(0, most - PIXEL_RADIUS);
  const divided = <f64>rings * step + PIXEL_RADIUS;
  const part = 1 / <f64>(subpixels * subpixels);
  const y0 = <i32>Math.max(0, Math.ceil(y - reach));
  const y1 = <i32>Math.min(<f64>(ny - 1), Math.floor(y + reach));
  let total: f64 = 0;
  for (let j = y0; j <= y1; j++) {
    const v = <f64>j - y;
    const half = Math.sqrt(Math.max(0, reach * reach - v * v));
    const x0 = <i32>Math.max(0, Math.ceil(x - half));
    const x1 = <i32>Math.min(<f64>(nx - 1), Math.floor(x + half));
    for (let i = x0; i <= x1; i++) {
      const p = <usize>j * nx + i;
      if (bad && load<u8>(bad + p)) continue;
      const u = <f64>i - x;
      const distance = u * u + v * v;
      const value = <f64>load<f32>(sci + (p << 2));
      if (distance <= whole * whole) total += value;
      else total += value * part * <f64>countWithin(u, v, most * most, offsets, subpixels);
      if (distance < divided * divided)
        divide(sums, rings, u, v, 1 / step, offsets, subpixels, value * part);
    }
  }
  return total;
}
