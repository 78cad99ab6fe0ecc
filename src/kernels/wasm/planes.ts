// Arithmetic of an image with a reference plane, four pixels at a time; every sum in float64, rounded once.

// @ts-ignore: decorator
@inline
function highHalf(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 2, 3, 2, 3);
}

// @ts-ignore: decorator
@inline
function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** d − k·r; a NaN in r counts as 0. */
export function subtractPlane(sci: usize, ref: usize, n: i32, k: f64): void {
  const factor = f64x2.splat(k);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    const d = v128.load(sci + at);
    const r = v128.load(ref + at);
    const low = f64x2.sub(f64x2.promote_low_f32x4(d), f64x2.mul(factor, f64x2.promote_low_f32x4(r)));
    const high = f64x2.sub(
      f64x2.promote_low_f32x4(highHalf(d)),
      f64x2.mul(factor, f64x2.promote_low_f32x4(highHalf(r))),
    );
    v128.store(sci + at, v128.bitselect(narrow(low, high), d, f32x4.eq(r, r)));
  }
  for (; i < n; i++) {
    const at = <usize>i << 2;
    const r = load<f32>(ref + at);
    if (r === r) store<f32>(sci + at, <f32>(<f64>load<f32>(sci + at) - k * <f64>r));
  }
}

// @ts-ignore: decorator
@inline
function hypotenuse(e: v128, r: v128, factor: v128): v128 {
  const a = f64x2.promote_low_f32x4(e);
  const b = f64x2.mul(factor, f64x2.promote_low_f32x4(r));
  return f64x2.sqrt(f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)));
}

/** √(e² + (k·r)²); a NaN in r counts as 0. */
export function addInQuadrature(err: usize, ref: usize, n: i32, k: f64): void {
  const factor = f64x2.splat(k);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    const e = v128.load(err + at);
    const r = v128.load(ref + at);
    const sum = narrow(hypotenuse(e, r, factor), hypotenuse(highHalf(e), highHalf(r), factor));
    v128.store(err + at, v128.bitselect(sum, e, f32x4.eq(r, r)));
  }
  for (; i < n; i++) {
    const at = <usize>i << 2;
    const r = load<f32>(ref + at);
    if (r !== r) continue;
    const e = <f64>load<f32>(err + at);
    const b = k * <f64>r;
    store<f32>(err + at, <f32>Math.sqrt(e * e + b * b));
  }
}

/** q | r. */
export function orFlags(dq: usize, ref: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    v128.store(dq + at, v128.or(v128.load(dq + at), v128.load(ref + at)));
  }
  for (; i < n; i++) {
    const at = <usize>i << 2;
    store<u32>(dq + at, load<u32>(dq + at) | load<u32>(ref + at));
  }
}

/** See extremes in ../extremes.ts: least and greatest finite value and the number of NaN, at `out`. */
export function extremes(out: usize, values: usize, n: i32): void {
  const infinity = f32x4.splat(Infinity);
  let least = infinity;
  let greatest = f32x4.neg(infinity);
  let numbers = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(values + (<usize>i << 2));
    const finite = f32x4.lt(f32x4.abs(v), infinity);
    least = f32x4.pmin(least, v128.bitselect(v, infinity, finite));
    greatest = f32x4.pmax(greatest, v128.bitselect(v, f32x4.neg(infinity), finite));
    // a true lane is −1
    numbers = i32x4.sub(numbers, f32x4.eq(v, v));
  }
  let min = Mathf.min(
    Mathf.min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)),
    Mathf.min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)),
  );
  let max = Mathf.max(
    Mathf.max(f32x4.extract_lane(greatest, 0), f32x4.extract_lane(greatest, 1)),
    Mathf.max(f32x4.extract_lane(greatest, 2), f32x4.extract_lane(greatest, 3)),
  );
  let count =
    i32x4.extract_lane(numbers, 0) +
    i32x4.extract_lane(numbers, 1) +
    i32x4.extract_lane(numbers, 2) +
    i32x4.extract_lane(numbers, 3);
  for (; i < n; i++) {
    const v = load<f32>(values + (<usize>i << 2));
    if (Mathf.abs(v) < Infinity) {
      min = Mathf.min(min, v);
      max = Mathf.max(max, v);
    }
    if (v === v) count++;
  }
  store<f64>(out, <f64>min);
  store<f64>(out, <f64>max, 8);
  store<f64>(out, <f64>(n - count), 16);
}

export function zero(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes);
}
