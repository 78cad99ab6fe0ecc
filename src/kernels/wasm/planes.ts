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
