// What the detector makes of a row of estimates, and the flags of the row that comes of it.

/** See detectorRow in ../ramp/detector-row.ts. */
export function detectorRow(
  m: usize,
  a: usize,
  b: usize,
  d: usize,
  gains: usize,
  noises: usize,
  darks: usize,
  n: i32,
  gain: f64,
  noise: f64,
  digitising: f64,
  dark: f64,
  perSecond: f64,
  ramps: f64,
  electrons: bool,
): void {
  const zero = f64x2.splat(0);
  const second = f64x2.splat(perSecond);
  const times = f64x2.splat(ramps);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const q = <usize>i << 2;
    const o = <usize>i << 3;
    const g = gains ? f64x2.promote_low_f32x4(v128.load64_zero(gains + q)) : f64x2.splat(gain);
    const one = f64x2.div(f64x2.splat(noise), g);
    let variance = f64x2.mul(one, one);
    if (noises) {
      const cds = f64x2.promote_low_f32x4(v128.load64_zero(noises + q));
      const half = f64x2.div(f64x2.mul(cds, cds), f64x2.splat(2));
      variance = v128.bitselect(half, variance, f64x2.ge(cds, zero));
    }
    variance = f64x2.add(variance, f64x2.splat(digitising));
    const current = darks ? f64x2.promote_low_f32x4(v128.load64_zero(darks + q)) : f64x2.splat(dark);
    const square = f64x2.mul(g, g);
    v128.store(m + o, electrons ? f64x2.mul(g, times) : times);
    v128.store(a + o, electrons ? f64x2.mul(second, g) : f64x2.div(second, g));
    v128.store(b + o, electrons ? f64x2.mul(variance, square) : variance);
    v128.store(d + o, electrons ? current : f64x2.div(current, square));
  }
  for (; i < n; i++) {
    const q = <usize>i << 2;
    const o = <usize>i << 3;
    const g = gains ? <f64>load<f32>(gains + q) : gain;
    const cds: f64 = noises ? <f64>load<f32>(noises + q) : NaN;
    const one = noise / g;
    const variance = (cds >= 0 ? (cds * cds) / 2 : one * one) + digitising;
    const current = darks ? <f64>load<f32>(darks + q) : dark;
    store<f64>(m + o, electrons ? g * ramps : ramps);
    store<f64>(a + o, electrons ? perSecond * g : perSecond / g);
    store<f64>(b + o, electrons ? variance * (g * g) : variance);
    store<f64>(d + o, electrons ? current : current / (g * g));
  }
}

/** See flagRow in ../ramp/detector-row.ts. */
export function flagRow(
  sci: usize,
  err: usize,
  varP: usize,
  varR: usize,
  dq: usize,
  pixeldq: usize,
  flags: usize,
  gains: usize,
  noises: usize,
  n: i32,
  noGain: u32,
  noNoise: u32,
): void {
  const zero = f32x4.splat(0);
  const unusable = i32x4.splat(1);
  const rest = i32x4.splat(-2);
  const nan = f32x4.splat(NaN);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const q = <usize>i << 2;
    let flag = v128.load(pixeldq + q);
    if (flags) {
      const own = i16x8.extend_low_i8x16_u(v128.load32_zero(flags + <usize>i));
      flag = v128.or(flag, v128.and(i32x4.extend_low_i16x8_u(own), rest));
    }
    if (gains)
      flag = v128.or(flag, v128.andnot(i32x4.splat(<i32>noGain), f32x4.gt(v128.load(gains + q), zero)));
    if (noises)
      flag = v128.or(flag, v128.andnot(i32x4.splat(<i32>noNoise), f32x4.ge(v128.load(noises + q), zero)));
    const value = v128.load(sci + q);
    const dead = v128.or(f32x4.ne(value, value), i32x4.eq(v128.and(flag, unusable), unusable));
    v128.store(dq + q, v128.or(flag, v128.and(dead, unusable)));
    if (!v128.any_true(dead)) continue;
    v128.store(sci + q, v128.bitselect(nan, value, dead));
    v128.store(err + q, v128.bitselect(nan, v128.load(err + q), dead));
    v128.store(varP + q, v128.bitselect(nan, v128.load(varP + q), dead));
    v128.store(varR + q, v128.bitselect(nan, v128.load(varR + q), dead));
  }
  for (; i < n; i++) {
    const q = <usize>i << 2;
    let flag = load<u32>(pixeldq + q);
    if (flags) flag |= <u32>load<u8>(flags + <usize>i) & ~1;
    if (gains && !(load<f32>(gains + q) > 0)) flag |= noGain;
    if (noises && !(load<f32>(noises + q) >= 0)) flag |= noNoise;
    const value = load<f32>(sci + q);
    if (value !== value || (flag & 1) !== 0) {
      flag |= 1;
      store<f32>(sci + q, NaN);
      store<f32>(err + q, NaN);
      store<f32>(varP + q, NaN);
      store<f32>(varR + q, NaN);
    }
    store<u32>(dq + q, flag);
  }
}
