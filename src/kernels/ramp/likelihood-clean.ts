/** The likelihood fit of ramps without a flag, all at once, and which of them may hold a hit. */
import type { Alloc } from "../alloc.js";
import { simdFor } from "../memory.js";
import type { Differences } from "./likelihood-differences.js";
import { comparators } from "./selection.js";

export interface CleanLikelihood {
  count: number;
  /** δ, αP, αR, βP, βR: rows of `count`. */
  moments: Float64Array;
  pairs: Uint32Array;
  /** Four rows of `count` differences of two pixels. */
  scratch: Float64Array;
}

export function makeCleanLikelihood(differences: Differences, alloc: Alloc): CleanLikelihood {
  const { count, delta, alphaP, alphaR, betaP, betaR } = differences;
  const moments = alloc.f64(5 * count);
  [delta, alphaP, alphaR, betaP, betaR].forEach((row, i) => moments.set(row, i * count));
  const pairs = comparators(count, 16, alloc);
  return { count, moments, pairs, scratch: alloc.f64(8 * count) };
}

/** Results of a run of pixels; `info` is K = 1/variance, `suspect` ≠ 0 where a difference may have to go. */
export interface CleanResult {
  rate: Float64Array;
  info: Float64Array;
  varP: Float64Array;
  varR: Float64Array;
  chisq: Float64Array;
  suspect: Uint8Array;
}

/**
 * Fits `rate.length` pixels from `start` on in planes of `plane` samples. `gain` [e⁻/DN], `rho` = read
 * variance [DN²] and `dark` [DN/s] are those of these pixels. NaN makes a pixel suspect.
 */
export function fitCleanLikelihood(
  fit: CleanLikelihood,
  out: CleanResult,
  samples: Float32Array,
  start: number,
  plane: number,
  gain: Float64Array,
  rho: Float64Array,
  dark: Float64Array | null,
  threshold: number,
): void {
  // a little less, so that rounding can't hide a hit from the search
  const limit = threshold * (1 - 1e-9);
  const simd = simdFor(out.rate, samples);
  const whole = simd ? out.rate.length & ~1 : 0;
  const { count, moments, pairs, scratch } = fit;
  simd?.likelihoodClean(
    ...[out.rate, out.info, out.varP, out.varR, out.chisq, out.suspect].map((array) => array.byteOffset),
    ...[samples.byteOffset + 4 * start, 4 * plane, whole, count, moments.byteOffset],
    ...[gain.byteOffset, rho.byteOffset, dark?.byteOffset ?? 0, limit],
    ...[pairs.byteOffset, pairs.length / 2, scratch.byteOffset],
  );
  fitCleanLikelihoodPlain(fit, out, samples, start, plane, gain, rho, dark, limit, whole);
}

export function fitCleanLikelihoodPlain(
  { count, moments, scratch }: CleanLikelihood,
  out: CleanResult,
  samples: Float32Array,
  start: number,
  plane: number,
  gain: Float64Array,
  rho: Float64Array,
  dark: Float64Array | null,
  limit: number,
  from: number,
): void {
  const [delta, alphaP, alphaR, betaP, betaR] = [0, 1, 2, 3, 4].map((k) =>
    moments.subarray(k * count, (k + 1) * count),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const [d, f, p, v] = [0, 1, 2, 3].map((k) => scratch.subarray(k * count, (k + 1) * count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const last = count - 1;
  for (let i = from; i < out.rate.length; i++) {
    const r2 = rho[i]!;
    for (let g = 0, at = start + i; g < count; g++, at += plane)
      d[g] = (samples[at + plane]! - samples[at]!) / delta[g]!;
    f.set(d);
    f.sort();
    const middle = (f[last >> 1]! + f[count >> 1]!) / 2;
    let photon = (middle > 0 ? middle : 0) / gain[i]!;
    const alpha = (g: number): number => photon * alphaP[g]! + r2 * alphaR[g]!;
    const beta = (g: number): number => photon * betaP[g]! + r2 * betaR[g]!;
    const forward = (): void => {
      f[0] = alpha(0);
      p[0] = 1;
      v[0] = d[0]!;
      for (let g = 1; g < count; g++) {
        const b = beta(g - 1);
        const m = b / f[g - 1]!;
        f[g] = alpha(g) - m * b;
        p[g] = 1 - m * p[g - 1]!;
        v[g] = d[g]! - m * v[g - 1]!;
      }
    };
    forward();
    let [B, K, h] = [0, 0, 0];
    for (let g = last; g >= 0; g--) {
      const a = alpha(g);
      const piv = f[g]!;
      if (g === last) {
        h = a;
        p[g] = p[g]! / piv;
        v[g] = v[g]! / piv;
      } else {
        const b = beta(g);
        h = a - (b * b) / h;
        p[g] = (p[g]! - b * p[g + 1]!) / piv;
        v[g] = (v[g]! - b * v[g + 1]!) / piv;
      }
      f[g] = piv + h - a;
      B += p[g]! * d[g]!;
      K += p[g]!;
    }
    const fitted = B / K;
    let fine = true;
    for (let g = 0; g < count; g++) {
      const r = v[g]! - fitted * p[g]!;
      const rest = 1 - (p[g]! * p[g]! * f[g]!) / K;
      if (!(r * r * f[g]! <= limit * rest) || !(rest > 0)) fine = false;
    }
    out.suspect[i] = fine ? 0 : 255;
    const signal = fitted > 0 ? fitted : 0;
    photon = (dark ? signal + dark[i]! : signal) / gain[i]!;
    forward();
    let [E, sumP, sumR] = [0, 0, 0];
    [B, K] = [0, 0];
    for (let g = last; g >= 0; g--) {
      if (g < last) {
        const b = beta(g);
        p[g] = p[g]! - b * p[g + 1]!;
        v[g] = v[g]! - b * v[g + 1]!;
      }
      const a = p[g]! / f[g]!;
      p[g] = a;
      v[g] = v[g]! / f[g]!;
      sumP += a * a * alphaP[g]!;
      sumR += a * a * alphaR[g]!;
      if (g < last) {
        const pair = (a + a) * p[g + 1]!;
        sumP += pair * betaP[g]!;
        sumR += pair * betaR[g]!;
      }
      B += a * d[g]!;
      K += a;
      E += v[g]! * d[g]!;
    }
    out.rate[i] = B / K;
    out.info[i] = K;
    out.varP[i] = (photon * sumP) / (K * K);
    out.varR[i] = (r2 * sumR) / (K * K);
    out.chisq[i] = E - (B * B) / K;
  }
}
