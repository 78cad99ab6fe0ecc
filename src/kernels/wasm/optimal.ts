// Weighted slopes of unflagged ramps, eight pixels at a time. See ../ramp/optimal-clean.ts.
import { sortPairs } from "./network";

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
