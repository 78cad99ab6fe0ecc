// Weighted slopes of unflagged ramps, eight pixels at a time. See ../ramp/optimal-clean.ts.

/**
 * slope[i] = Σ_k w[class][k]·y_k[i]; median[i] = median of the float32 differences of neighbouring groups.
 * `pairs` are `count` comparators of a selection network (byte offsets into the scratch of differences).
 */
export function optimalClean(
  slope: usize,
  median: usize,
  samples: usize,
  stride: usize,
  n: i32,
  ngroups: i32,
  gain: usize,
  sigma: usize,
  table: usize,
  pairs: usize,
  count: i32,
  scratch: usize,
): void {
  const d = scratch + (<usize>ngroups << 5);
  const last = (<usize>ngroups - 1) << 5;
  const middle = d + (<usize>((ngroups - 2) >> 1) << 5);
  const next = d + (<usize>((ngroups - 1) >> 1) << 5);
  for (let i = 0; i < n; i += 8) {
    let p = samples + (<usize>i << 2);
    let a = v128.load(p);
    let b = v128.load(p, 16);
    v128.store(scratch, a);
    v128.store(scratch, b, 16);
    for (let at: usize = 32; at <= last; at += 32) {
      p += stride;
      const u = v128.load(p);
      const v = v128.load(p, 16);
      v128.store(scratch + at, u);
      v128.store(scratch + at, v, 16);
      v128.store(d + at - 32, f32x4.sub(u, a));
      v128.store(d + at - 32, f32x4.sub(v, b), 16);
      a = u;
      b = v;
    }
    sortPairs(d, pairs, count);
    let rows0: usize = 0;
    let same = true;
    for (let j = 0; j < 8; j++) {
      const at = <usize>j << 2;
      store<f64>(
        median + (<usize>(i + j) << 3),
        (<f64>load<f32>(middle + at) + <f64>load<f32>(next + at)) / 2,
      );
      const rise =
        (<f64>load<f32>(scratch + last + at) - <f64>load<f32>(scratch + at)) *
        load<f64>(gain + (<usize>(i + j) << 3));
      const s = load<f64>(sigma + (<usize>(i + j) << 3));
      const row = table + <usize>classOf(rise, s) * (<usize>ngroups << 3);
      if (j === 0) rows0 = row;
      else if (row !== rows0) same = false;
      store<usize>(d + (<usize>j << 2), row);
    }
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    if (same) {
      for (let at: usize = 0; at <= last; at += 32, rows0 += 8) {
        const w = v128.load64_splat(rows0);
        s0 = f64x2.add(s0, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(scratch + at))));
        s1 = f64x2.add(s1, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(scratch + at, 8))));
        s2 = f64x2.add(s2, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(scratch + at, 16))));
        s3 = f64x2.add(s3, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(scratch + at, 24))));
      }
    } else {
      let r0 = load<usize>(d);
      let r1 = load<usize>(d, 4);
      let r2 = load<usize>(d, 8);
      let r3 = load<usize>(d, 12);
      let r4 = load<usize>(d, 16);
      let r5 = load<usize>(d, 20);
      let r6 = load<usize>(d, 24);
      let r7 = load<usize>(d, 28);
      for (let at: usize = 0, k: usize = 0; at <= last; at += 32, k += 8) {
        const w0 = v128.load64_lane(r1 + k, v128.load64_zero(r0 + k), 1);
        const w1 = v128.load64_lane(r3 + k, v128.load64_zero(r2 + k), 1);
        const w2 = v128.load64_lane(r5 + k, v128.load64_zero(r4 + k), 1);
        const w3 = v128.load64_lane(r7 + k, v128.load64_zero(r6 + k), 1);
        s0 = f64x2.add(s0, f64x2.mul(w0, f64x2.promote_low_f32x4(v128.load64_zero(scratch + at))));
        s1 = f64x2.add(s1, f64x2.mul(w1, f64x2.promote_low_f32x4(v128.load64_zero(scratch + at, 8))));
        s2 = f64x2.add(s2, f64x2.mul(w2, f64x2.promote_low_f32x4(v128.load64_zero(scratch + at, 16))));
        s3 = f64x2.add(s3, f64x2.mul(w3, f64x2.promote_low_f32x4(v128.load64_zero(scratch + at, 24))));
      }
    }
    const q = slope + (<usize>i << 3);
    v128.store(q, s0);
    v128.store(q, s1, 16);
    v128.store(q, s2, 32);
    v128.store(q, s3, 48);
  }
}

function classOf(rise: f64, sigma: f64): i32 {
  const noise = sigma * sigma + rise;
  const snr = noise <= 0 ? 0 : rise / Math.sqrt(noise);
  return (
    <i32>(snr >= 5) + <i32>(snr >= 10) + <i32>(snr >= 20) + <i32>(snr >= 50) + <i32>(snr >= 100)
  );
}

/** See screen in ../ramp/jump-screen.ts. */
export function jumpScreen(
  suspect: usize,
  samples: usize,
  stride: usize,
  n: i32,
  ngroups: i32,
  gain: usize,
  noise: usize,
  limit: f32,
  pairs: usize,
  count: i32,
  scratch: usize,
): void {
  const end = (<usize>ngroups - 1) << 5;
  const middle = scratch + (<usize>((ngroups - 2) >> 1) << 5);
  const next = scratch + (<usize>((ngroups - 1) >> 1) << 5);
  const half = f32x4.splat(0.5);
  const limits = f32x4.splat(limit);
  for (let i = 0; i < n; i += 8) {
    let p = samples + (<usize>i << 2);
    const g0 = v128.load(gain + (<usize>i << 2));
    const g1 = v128.load(gain + (<usize>i << 2), 16);
    let a = f32x4.mul(v128.load(p), g0);
    let b = f32x4.mul(v128.load(p, 16), g1);
    let low0 = f32x4.splat(Infinity);
    let low1 = low0;
    let high0 = f32x4.splat(-Infinity);
    let high1 = high0;
    for (let at: usize = 0; at < end; at += 32) {
      p += stride;
      const u = f32x4.mul(v128.load(p), g0);
      const v = f32x4.mul(v128.load(p, 16), g1);
      const d0 = f32x4.sub(u, a);
      const d1 = f32x4.sub(v, b);
      v128.store(scratch + at, d0);
      v128.store(scratch + at, d1, 16);
      // min and max keep a NaN, and make the pixel suspect
      low0 = f32x4.min(low0, d0);
      low1 = f32x4.min(low1, d1);
      high0 = f32x4.max(high0, d0);
      high1 = f32x4.max(high1, d1);
      a = u;
      b = v;
    }
    sortPairs(scratch, pairs, count);
    const q = noise + (<usize>i << 2);
    const m0 = f32x4.mul(half, f32x4.add(v128.load(middle), v128.load(next)));
    const m1 = f32x4.mul(half, f32x4.add(v128.load(middle, 16), v128.load(next, 16)));
    const r0 = farther(low0, high0, m0);
    const r1 = farther(low1, high1, m1);
    const v0 = f32x4.mul(limits, f32x4.add(f32x4.abs(m0), v128.load(q)));
    const v1 = f32x4.mul(limits, f32x4.add(f32x4.abs(m1), v128.load(q, 16)));
    const fine = i16x8.narrow_i32x4_s(f32x4.le(f32x4.mul(r0, r0), v0), f32x4.le(f32x4.mul(r1, r1), v1));
    v128.store64_lane(suspect + <usize>i, v128.not(i8x16.narrow_i16x8_s(fine, fine)), 0);
  }
}

function farther(low: v128, high: v128, middle: v128): v128 {
  return f32x4.max(f32x4.sub(high, middle), f32x4.sub(middle, low));
}

function sortPairs(d: usize, pairs: usize, count: i32): void {
  for (let k = 0, q = pairs; k < count; k++, q += 8) {
    const x = d + <usize>load<u32>(q);
    const y = d + <usize>load<u32>(q, 4);
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const y0 = v128.load(y);
    const y1 = v128.load(y, 16);
    v128.store(x, f32x4.pmin(x0, y0));
    v128.store(x, f32x4.pmin(x1, y1), 16);
    v128.store(y, f32x4.pmax(x0, y0));
    v128.store(y, f32x4.pmax(x1, y1), 16);
  }
}
