// Likelihood fits of unflagged ramps, two pixels at a time. See ../ramp/likelihood-clean.ts.

/**
 * `moments` holds δ, αP, αR, βP, βR of `count` differences. `scratch` has room for four rows of differences. Each result
 * is a row of n float64; n is even.
 */
export function likelihoodClean(
  rate: usize,
  info: usize,
  varP: usize,
  varR: usize,
  chisq: usize,
  suspect: usize,
  samples: usize,
  stride: usize,
  n: i32,
  count: i32,
  moments: usize,
  gain: usize,
  rho: usize,
  dark: usize,
  threshold: f64,
  pairs: usize,
  npairs: i32,
  scratch: usize,
): void {
  const row = <usize>count << 4;
  const d = scratch;
  const f = scratch + row;
  const p = f + row;
  const v = p + row;
  const span = <usize>count << 3;
  const limit = f64x2.splat(threshold);
  const zero = f64x2.splat(0);
  for (let i = 0; i < n; i += 2) {
    let at = samples + (<usize>i << 2);
    let before = f64x2.promote_low_f32x4(v128.load64_zero(at));
    for (let g: usize = 0; g < span; g += 8) {
      at += stride;
      const y = f64x2.promote_low_f32x4(v128.load64_zero(at));
      const one = f64x2.div(f64x2.sub(y, before), v128.load64_splat(moments + g));
      v128.store(d + (g << 1), one);
      v128.store(f + (g << 1), one);
      before = y;
    }
    for (let k = 0, q = pairs; k < npairs; k++, q += 8) {
      const x = f + <usize>load<u32>(q);
      const y = f + <usize>load<u32>(q, 4);
      const a = v128.load(x);
      const b = v128.load(y);
      v128.store(x, f64x2.pmin(a, b));
      v128.store(y, f64x2.pmax(a, b));
    }
    const o = <usize>i << 3;
    const g2 = v128.load(gain + o);
    const r2 = v128.load(rho + o);
    const low = v128.load(f + (<usize>((count - 1) >> 1) << 4));
    const high = v128.load(f + (<usize>(count >> 1) << 4));
    const middle = f64x2.div(f64x2.add(low, high), f64x2.splat(2));
    let photon = f64x2.div(f64x2.pmax(zero, middle), g2);
    forward(d, f, p, v, moments, span, photon, r2);

    // back, with the diagonal of the inverse in place of the pivots
    let B = zero;
    let K = zero;
    let h = zero;
    let pn = zero;
    let vn = zero;
    for (let g = span - 8; ; g -= 8) {
      const alpha = mix(moments + span + g, moments + 2 * span + g, photon, r2);
      const piv = v128.load(f + (g << 1));
      if (g === span - 8) {
        h = alpha;
        pn = f64x2.div(v128.load(p + (g << 1)), piv);
        vn = f64x2.div(v128.load(v + (g << 1)), piv);
      } else {
        const beta = mix(moments + 3 * span + g, moments + 4 * span + g, photon, r2);
        h = f64x2.sub(alpha, f64x2.div(f64x2.mul(beta, beta), h));
        pn = f64x2.div(f64x2.sub(v128.load(p + (g << 1)), f64x2.mul(beta, pn)), piv);
        vn = f64x2.div(f64x2.sub(v128.load(v + (g << 1)), f64x2.mul(beta, vn)), piv);
      }
      v128.store(p + (g << 1), pn);
      v128.store(v + (g << 1), vn);
      v128.store(f + (g << 1), f64x2.sub(f64x2.add(piv, h), alpha));
      B = f64x2.add(B, f64x2.mul(pn, v128.load(d + (g << 1))));
      K = f64x2.add(K, pn);
      if (g === 0) break;
    }
    const fitted = f64x2.div(B, K);
    // Δχ² = r²/M ≤ threshold with M = 1/pivot − p²/K > 0: (r²·pivot ≤ threshold·(1 − p²·pivot/K)), pivots being positive
    let fine = i64x2.splat(-1);
    for (let g: usize = 0; g < span; g += 8) {
      const pg = v128.load(p + (g << 1));
      const piv = v128.load(f + (g << 1));
      const r = f64x2.sub(v128.load(v + (g << 1)), f64x2.mul(fitted, pg));
      const rest = f64x2.sub(f64x2.splat(1), f64x2.div(f64x2.mul(f64x2.mul(pg, pg), piv), K));
      fine = v128.and(fine, f64x2.le(f64x2.mul(f64x2.mul(r, r), piv), f64x2.mul(limit, rest)));
      fine = v128.and(fine, f64x2.gt(rest, zero));
    }
    store<u8>(suspect + <usize>i, i64x2.extract_lane(fine, 0) === 0 ? 255 : 0);
    store<u8>(suspect + <usize>i, i64x2.extract_lane(fine, 1) === 0 ? 255 : 0, 1);

    let signal = f64x2.pmax(zero, fitted);
    if (dark) signal = f64x2.add(signal, v128.load(dark + o));
    photon = f64x2.div(signal, g2);
    forward(d, f, p, v, moments, span, photon, r2);
    B = zero;
    K = zero;
    let E = zero;
    let sumP = zero;
    let sumR = zero;
    for (let g = span - 8; ; g -= 8) {
      const piv = v128.load(f + (g << 1));
      let a = v128.load(p + (g << 1));
      let b = v128.load(v + (g << 1));
      if (g < span - 8) {
        const beta = mix(moments + 3 * span + g, moments + 4 * span + g, photon, r2);
        a = f64x2.sub(a, f64x2.mul(beta, pn));
        b = f64x2.sub(b, f64x2.mul(beta, vn));
      }
      a = f64x2.div(a, piv);
      b = f64x2.div(b, piv);
      const square = f64x2.mul(a, a);
      sumP = f64x2.add(sumP, f64x2.mul(square, v128.load64_splat(moments + span + g)));
      sumR = f64x2.add(sumR, f64x2.mul(square, v128.load64_splat(moments + 2 * span + g)));
      if (g < span - 8) {
        const pair = f64x2.mul(f64x2.add(a, a), pn);
        sumP = f64x2.add(sumP, f64x2.mul(pair, v128.load64_splat(moments + 3 * span + g)));
        sumR = f64x2.add(sumR, f64x2.mul(pair, v128.load64_splat(moments + 4 * span + g)));
      }
      pn = a;
      vn = b;
      const one = v128.load(d + (g << 1));
      B = f64x2.add(B, f64x2.mul(a, one));
      K = f64x2.add(K, a);
      E = f64x2.add(E, f64x2.mul(b, one));
      if (g === 0) break;
    }
    const k2 = f64x2.mul(K, K);
    v128.store(rate + o, f64x2.div(B, K));
    v128.store(info + o, K);
    v128.store(varP + o, f64x2.div(f64x2.mul(photon, sumP), k2));
    v128.store(varR + o, f64x2.div(f64x2.mul(r2, sumR), k2));
    v128.store(chisq + o, f64x2.sub(E, f64x2.div(f64x2.mul(B, B), K)));
  }
}

function mix(p: usize, r: usize, photon: v128, rho: v128): v128 {
  return f64x2.add(f64x2.mul(photon, v128.load64_splat(p)), f64x2.mul(rho, v128.load64_splat(r)));
}

function forward(
  d: usize,
  f: usize,
  p: usize,
  v: usize,
  moments: usize,
  span: usize,
  photon: v128,
  rho: v128,
): void {
  let piv = mix(moments + span, moments + 2 * span, photon, rho);
  let a = f64x2.splat(1);
  let b = v128.load(d);
  v128.store(f, piv);
  v128.store(p, a);
  v128.store(v, b);
  for (let g: usize = 8; g < span; g += 8) {
    const beta = mix(moments + 3 * span + g - 8, moments + 4 * span + g - 8, photon, rho);
    const m = f64x2.div(beta, piv);
    piv = f64x2.sub(mix(moments + span + g, moments + 2 * span + g, photon, rho), f64x2.mul(m, beta));
    a = f64x2.sub(f64x2.splat(1), f64x2.mul(m, a));
    b = f64x2.sub(v128.load(d + (g << 1)), f64x2.mul(m, b));
    v128.store(f + (g << 1), piv);
    v128.store(p + (g << 1), a);
    v128.store(v + (g << 1), b);
  }
}
