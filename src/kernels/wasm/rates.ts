// Noise of the pixels before a fit, and the unit of its product.

/** See cdsNoise in ../ramp/rates.ts. */
export function cdsNoise(
  gainOut: usize,
  noiseOut: usize,
  gains: usize,
  noises: usize,
  n: i32,
  gain: f64,
  noise: f64,
  digitising: f64,
): bool {
  const zero = f64x2.splat(0);
  let known = i64x2.splat(-1);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const q = <usize>i << 2;
    const o = <usize>i << 3;
    const g = gains ? f64x2.promote_low_f32x4(v128.load64_zero(gains + q)) : f64x2.splat(gain);
    const one = f64x2.div(f64x2.splat(noise), g);
    let variance = f64x2.mul(one, one);
    if (gains) known = v128.and(known, f64x2.gt(g, zero));
    if (noises) {
      const cds = f64x2.promote_low_f32x4(v128.load64_zero(noises + q));
      const fine = f64x2.ge(cds, zero);
      known = v128.and(known, fine);
      variance = v128.bitselect(f64x2.div(f64x2.mul(cds, cds), f64x2.splat(2)), variance, fine);
    }
    v128.store(gainOut + o, g);
    v128.store(
      noiseOut + o,
      f64x2.sqrt(f64x2.mul(f64x2.splat(2), f64x2.add(variance, f64x2.splat(digitising)))),
    );
  }
  let all = i64x2.all_true(known);
  for (; i < n; i++) {
    const g = gains ? <f64>load<f32>(gains + (<usize>i << 2)) : gain;
    const cds: f64 = noises ? <f64>load<f32>(noises + (<usize>i << 2)) : NaN;
    const one = noise / g;
    all = all && (!gains || g > 0) && (!noises || cds >= 0);
    store<f64>(gainOut + (<usize>i << 3), g);
    store<f64>(
      noiseOut + (<usize>i << 3),
      Math.sqrt(2 * ((cds >= 0 ? (cds * cds) / 2 : one * one) + digitising)),
    );
  }
  return all;
}

/** See scaleRates in ../ramp/rates.ts; n is even. */
export function scaleRates(
  sci: usize,
  err: usize,
  varP: usize,
  varR: usize,
  dq: usize,
  factors: usize,
  gain: usize,
  n: i32,
): void {
  for (let i = 0; i < n; i += 2) {
    const q = <usize>i << 2;
    const factor = v128.load(factors + (<usize>i << 3));
    const square = f64x2.mul(factor, factor);
    const value = f64x2.promote_low_f32x4(v128.load64_zero(sci + q));
    const fine = v128.and(f64x2.gt(v128.load(gain + (<usize>i << 3)), f64x2.splat(0)), f64x2.eq(value, value));
    const kept = v128.bitselect(f64x2.mul(value, factor), f64x2.splat(NaN), fine);
    v128.store64_lane(sci + q, f32x4.demote_f64x2_zero(kept), 0);
    // DO_NOT_USE
    const missing = v128.shuffle<i32>(v128.andnot(i64x2.splat(1), fine), i64x2.splat(0), 0, 2, 4, 4);
    v128.store64_lane(dq + q, v128.or(v128.load64_zero(dq + q), missing), 0);
    scaleTwo(err + q, factor);
    scaleTwo(varP + q, square);
    scaleTwo(varR + q, square);
  }
}

// @ts-ignore: decorator
@inline
function scaleTwo(at: usize, factor: v128): void {
  const scaled = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(at)), factor);
  v128.store64_lane(at, f32x4.demote_f64x2_zero(scaled), 0);
}
