// Division by a flat with liger's error, two pixels at a time in float64.

// @ts-ignore: decorator
@inline
function highHalf(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 2, 3, 2, 3);
}

// F, or 1 where reset; turned over when the correction is to be undone.
// @ts-ignore: decorator
@inline
function divisor(f: v128, reset: v128, inverse: bool): v128 {
  const one = f64x2.splat(1);
  const value = v128.bitselect(one, f, reset);
  return inverse ? f64x2.div(one, value) : value;
}

// e_F/F, or 0 where reset or unknown.
// @ts-ignore: decorator
@inline
function relative(fe: v128, f: v128, reset: v128): v128 {
  const r = f64x2.div(fe, f);
  return v128.andnot(v128.and(r, f64x2.eq(r, r)), reset);
}

// @ts-ignore: decorator
@inline
function errorOf(d: v128, e: v128, r: v128, f: v128): v128 {
  const s = f64x2.mul(d, r);
  return f64x2.div(f64x2.sqrt(f64x2.add(f64x2.mul(e, e), f64x2.mul(s, s))), f64x2.abs(f));
}

// @ts-ignore: decorator
@inline
function divideVariance(p: usize, f: v128): void {
  const v = f64x2.promote_low_f32x4(v128.load64_zero(p));
  store<u64>(p, i64x2.extract_lane(f32x4.demote_f64x2_zero(f64x2.div(v, f64x2.mul(f, f))), 0));
}

/**
 * The plain twin is `applyFlatPlain` with variant liger; n is even, and a pointer to variances may be 0. All
 * planes start at the same pixel.
 */
export function flatLiger(
  sci: usize,
  err: usize,
  dq: usize,
  varPoisson: usize,
  varRnoise: usize,
  flat: usize,
  flatErr: usize,
  flatDq: usize,
  n: i32,
  badBits: u32,
  resetBits: u32,
  inverse: bool,
): void {
  const bad = i32x4.splat(badBits);
  const resets = i32x4.splat(resetBits);
  const zero = f32x4.splat(0);
  for (let i = 0; i < n; i += 2) {
    const at = <usize>i << 2;
    const f4 = v128.load64_zero(flat + at);
    const wrong = v128.or(f32x4.ne(f4, f4), f32x4.eq(f4, zero));
    const q = v128.or(v128.load64_zero(flatDq + at), v128.and(wrong, bad));
    const flags = v128.or(v128.load64_zero(dq + at), q);
    store<u64>(dq + at, i64x2.extract_lane(flags, 0));
    const reset = i64x2.extend_low_i32x4_s(i32x4.ne(v128.and(q, resets), i32x4.splat(0)));
    const f = f64x2.promote_low_f32x4(f4);
    const r = relative(f64x2.promote_low_f32x4(v128.load64_zero(flatErr + at)), f, reset);
    const by = divisor(f, reset, inverse);
    if (varPoisson) divideVariance(varPoisson + at, by);
    if (varRnoise) divideVariance(varRnoise + at, by);
    const d = f64x2.promote_low_f32x4(v128.load64_zero(sci + at));
    const e = f64x2.promote_low_f32x4(v128.load64_zero(err + at));
    const error = f32x4.demote_f64x2_zero(errorOf(d, e, r, by));
    store<u64>(err + at, i64x2.extract_lane(error, 0));
    store<u64>(sci + at, i64x2.extract_lane(f32x4.demote_f64x2_zero(f64x2.div(d, by)), 0));
  }
}
