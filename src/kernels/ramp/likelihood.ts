/**
 * Maximum-likelihood slope with the full covariance of the read differences, and its own search for hits
 * (READOUT §15; Brandt 2024, PASP 136, 045004 and 045005).
 */
import { heap, type Alloc } from "../alloc.js";
import { medianOf } from "../image/select.js";
import {
  fitCleanLikelihood,
  makeCleanLikelihood,
  type CleanLikelihood,
  type CleanResult,
} from "./likelihood-clean.js";
import { bit } from "./segments.js";
import { orPlanes } from "./sums.js";

/** Moments of the differences of groups (§15.1); arrays over differences, the last β unused. */
export interface Differences {
  count: number;
  /** Mean time between the two groups [s]. */
  delta: Float64Array;
  /** C_gg = (A/G)·alphaP + ρ²·alphaR, C_g,g+1 = (A/G)·betaP + ρ²·betaR. */
  alphaP: Float64Array;
  alphaR: Float64Array;
  betaP: Float64Array;
  betaR: Float64Array;
  /** Whether the group shared by differences g and g+1 averages several reads. */
  averaged: Uint8Array;
}

/** `times[g]` are the times of the reads averaged into group g [s]. */
export function makeDifferences(times: readonly (readonly number[])[]): Differences {
  const n = times.length - 1;
  const mean = times.map((reads) => reads.reduce((a, b) => a + b, 0) / reads.length);
  const tau = times.map(
    (reads) =>
      reads.reduce((sum, t, k) => sum + (2 * (reads.length - k) - 1) * t, 0) / (reads.length * reads.length),
  );
  const make = (f: (g: number) => number): Float64Array => Float64Array.from({ length: n }, (_, g) => f(g));
  const delta = make((g) => mean[g + 1]! - mean[g]!);
  const next = (g: number): number => (g + 1 < n ? delta[g]! * delta[g + 1]! : Infinity);
  return {
    count: n,
    delta,
    alphaP: make((g) => (tau[g]! + tau[g + 1]! - 2 * mean[g]!) / delta[g]! ** 2),
    alphaR: make((g) => (1 / times[g]!.length + 1 / times[g + 1]!.length) / delta[g]! ** 2),
    betaP: make((g) => (mean[g + 1]! - tau[g + 1]!) / next(g)),
    betaR: make((g) => -1 / (times[g + 1]!.length * next(g))),
    averaged: Uint8Array.from({ length: n }, (_, g) => (times[g + 1]!.length > 1 ? 1 : 0)),
  };
}

export interface LikelihoodInput {
  nints: number;
  ngroups: number;
  sci: Float32Array;
  /** Hits that are found are flagged here. */
  groupdq: Uint8Array;
  pixeldq: Uint32Array;
  gain: ArrayLike<number>;
  /** CDS noise [DN]. */
  readNoise: ArrayLike<number>;
  dark: ArrayLike<number> | null;
  differences: Differences;
  /** Δχ² beyond which one difference, or two adjacent ones, are left out. */
  thresholds: readonly [number, number];
}

export interface LikelihoodPlanes {
  slope: Float32Array;
  err: Float32Array;
  varP: Float32Array;
  varR: Float32Array;
  chisq: Float32Array;
  dq: Uint32Array;
}

/** Thresholds for hits of `sigma` standard deviations: σ² for one, and the same probability for two; 4.5 is usual. */
export function thresholdsOf(sigma: number): [number, number] {
  return sigma === 4.5 ? [20.25, 23.8] : [sigma * sigma, -2 * logErfc(sigma / Math.SQRT2)];
}

/** ln erfc(x), x > 0: Lentz's continued fraction. */
function logErfc(x: number): number {
  let f = 0;
  for (let k = 200; k > 0; k--) f = k / 2 / (x + f);
  return -x * x - Math.log((x + f) * Math.sqrt(Math.PI));
}

type Work = ReturnType<typeof makeWork>;

function makeWork(n: number, nints: number) {
  const array = (): Float64Array => new Float64Array(n);
  return {
    ...{ d: array(), alpha: array(), beta: array(), sorted: array() },
    ...{ p: array(), v: array(), f: array(), h: array() },
    use: new Uint8Array(n),
    hit: new Uint8Array(n),
    // sums of the last fit
    ...{ B: 0, K: 0, E: 0 },
    // one value per integration
    rate: new Float64Array(nints),
    err: new Float64Array(nints),
    varP: new Float64Array(nints),
    varR: new Float64Array(nints),
    chisq: new Float64Array(nints),
  };
}

/**
 * Fills `whole` (one plane) and, when given, `each` (a plane per integration), [planes][n], in DN/s. Single ramps of
 * single reads without a flag, and without a hit, are fitted many at a time; the others one by one.
 */
export function fitLikelihood(
  input: LikelihoodInput,
  whole: LikelihoodPlanes,
  each: LikelihoodPlanes | null,
  alloc: Alloc = heap,
): void {
  const { nints, pixeldq, differences } = input;
  const work = makeWork(differences.count, nints);
  const n = pixeldq.length;
  const together = nints === 1 && differences.count >= 3 && differences.averaged.every((one) => one === 0);
  const rows = together ? makeRows(input, alloc) : null;
  for (let from = 0; from < n; from += chunk) {
    const to = Math.min(n, from + chunk);
    if (rows) fitRows(input, rows, from, to, whole, each);
    for (let p = from; p < to; p++)
      if (!rows || rows.flags[p - from] !== 0) fitOne(input, work, p, whole, each);
  }
}

/** Pixels fitted together. */
const chunk = 2048;

interface Rows {
  fit: CleanLikelihood;
  out: CleanResult;
  gain: Float64Array;
  rho: Float64Array;
  dark: Float64Array | null;
  flags: Uint8Array;
}

const makeRows = ({ differences, dark }: LikelihoodInput, alloc: Alloc): Rows => ({
  fit: makeCleanLikelihood(differences, alloc),
  out: {
    rate: alloc.f64(chunk),
    info: alloc.f64(chunk),
    varP: alloc.f64(chunk),
    varR: alloc.f64(chunk),
    chisq: alloc.f64(chunk),
    suspect: alloc.u8(chunk),
  },
  gain: alloc.f64(chunk),
  rho: alloc.f64(chunk),
  dark: dark && alloc.f64(chunk),
  flags: alloc.u8(chunk),
});

/** Writes the pixels that need no search; the others get a flag in `rows`. */
function fitRows(
  input: LikelihoodInput,
  { fit, out, gain, rho, dark, flags }: Rows,
  from: number,
  to: number,
  whole: LikelihoodPlanes,
  each: LikelihoodPlanes | null,
): void {
  const { groupdq, ngroups, pixeldq, sci, thresholds } = input;
  const n = pixeldq.length;
  for (let p = from, x = 0; p < to; p++, x++) {
    gain[x] = input.gain[p]!;
    rho[x] = (input.readNoise[p]! * input.readNoise[p]!) / 2;
    if (dark) dark[x] = input.dark![p]!;
  }
  const count = to - from;
  const part = {
    rate: out.rate.subarray(0, count),
    info: out.info.subarray(0, count),
    varP: out.varP.subarray(0, count),
    varR: out.varR.subarray(0, count),
    chisq: out.chisq.subarray(0, count),
    suspect: out.suspect.subarray(0, count),
  };
  fitCleanLikelihood(fit, part, sci, from, n, gain, rho, dark, thresholds[0]);
  orPlanes(flags.subarray(0, count), groupdq, from, ngroups, n, 255);
  for (let p = from, x = 0; p < to; p++, x++) {
    if (out.suspect[x] !== 0 || !(gain[x]! > 0)) flags[x] = 255;
    if (flags[x] !== 0) continue;
    for (const planes of each ? [whole, each] : [whole]) {
      planes.slope[p] = out.rate[x]!;
      planes.err[p] = 1 / Math.sqrt(out.info[x]!);
      planes.varP[p] = out.varP[x]!;
      planes.varR[p] = out.varR[x]!;
      planes.chisq[p] = out.chisq[x]!;
      planes.dq[p] = pixeldq[p]!;
    }
  }
}

function fitOne(
  input: LikelihoodInput,
  work: Work,
  p: number,
  whole: LikelihoodPlanes,
  each: LikelihoodPlanes | null,
): void {
  const { nints, pixeldq } = input;
  let all = 0;
  let unusable: number = bit.unusable;
  for (let i = 0; i < nints; i++) {
    const flag = fitIntegration(input, work, p, i);
    all |= flag;
    unusable &= flag;
    if (!each) continue;
    const at = i * pixeldq.length + p;
    each.slope[at] = work.rate[i]!;
    each.err[at] = work.err[i]!;
    each.varP[at] = work.varP[i]!;
    each.varR[at] = work.varR[i]!;
    each.chisq[at] = work.chisq[i]!;
    each.dq[at] = flag;
  }
  combine(work, whole, p);
  whole.dq[p] = (all & ~bit.unusable) | unusable;
}

/** Gives the integration's flags; its results stand in `work`. */
function fitIntegration(input: LikelihoodInput, work: Work, p: number, i: number): number {
  const { ngroups, sci, groupdq, pixeldq, differences } = input;
  const n = pixeldq.length;
  const start = i * ngroups * n + p;
  const { d, use, hit } = work;
  const { count, delta } = differences;
  for (let g = 0, at = start; g < count; g++, at += n) {
    d[g] = (sci[at + n]! - sci[at]!) / delta[g]!;
    use[g] = groupdq[at] === 0 && groupdq[at + n] === 0 && d[g] === d[g] ? 1 : 0;
  }
  hit.fill(0);
  const gain = input.gain[p]!;
  const rho = (input.readNoise[p]! * input.readNoise[p]!) / 2;
  const cut = firstSaturated(groupdq, start, n, ngroups);
  const rate = search(work, differences, Math.max(0, median(work)) / gain, rho, input.thresholds, cut);
  let flag = pixeldq[p]!;
  let bad = 0;
  for (let g = 0, at = start; g < ngroups; g++, at += n) {
    if (g > 0 && hit[g - 1] === 1) groupdq[at]! |= bit.jump;
    const one = groupdq[at]!;
    flag |= one & (bit.saturated | bit.jump);
    if ((one & (bit.saturated | bit.unusable)) !== 0) bad++;
  }
  if (bad === ngroups) flag |= bit.unusable;
  const photon = (Math.max(rate, 0) + (input.dark ? input.dark[p]! : 0)) / gain;
  finish(work, differences, photon, rho, i);
  return flag;
}

/** The first group flagged SATURATED, or `ngroups`. */
function firstSaturated(groupdq: Uint8Array, start: number, n: number, ngroups: number): number {
  let g = 0;
  while (g < ngroups && (groupdq[start + g * n]! & bit.saturated) === 0) g++;
  return g;
}

/** Leaves out hits one after the other, with the covariance of a fixed guess; gives the rate of what is left. */
function search(
  work: Work,
  differences: Differences,
  photon: number,
  rho: number,
  thresholds: readonly [number, number],
  cut: number,
): number {
  const { use } = work;
  const { count } = differences;
  let used = 0;
  for (let g = 0; g < count; g++) used += use[g]!;
  prepare(work, differences, photon, rho);
  solve(work, count);
  let rate = work.B / work.K;
  if (used === 2) return dropOfTwo(work, differences, thresholds[0], cut) ?? rate;
  while (used >= 3) {
    const next = dropWorst(work, differences, used, thresholds);
    if (next === null) break;
    rate = next;
    used = 0;
    for (let g = 0; g < count; g++) used += use[g]!;
    if (used <= 3) break;
    solve(work, count);
  }
  return rate;
}

function median({ sorted, d }: Work): number {
  let n = 0;
  for (let g = 0; g < d.length; g++) if (d[g] === d[g]) sorted[n++] = d[g]!;
  return n === 0 ? 0 : medianOf(sorted, n);
}

function prepare(
  { alpha, beta }: Work,
  { count, alphaP, alphaR, betaP, betaR }: Differences,
  photon: number,
  rho: number,
): void {
  for (let g = 0; g < count; g++) {
    alpha[g] = photon * alphaP[g]! + rho * alphaR[g]!;
    beta[g] = photon * betaP[g]! + rho * betaR[g]!;
  }
}

/** p = u∘C⁻¹u and v = u∘C⁻¹(u∘d) by one sweep forward and one back; `f` keeps the forward pivots. */
function solve(work: Work, count: number): void {
  const { d, alpha, beta, p, v, f, use } = work;
  for (let g = 0; g < count; g++) {
    const m = g > 0 && use[g] === 1 && use[g - 1] === 1 ? beta[g - 1]! / f[g - 1]! : 0;
    f[g] = m === 0 ? alpha[g]! : alpha[g]! - m * beta[g - 1]!;
    p[g] = use[g] === 1 ? 1 - (m === 0 ? 0 : m * p[g - 1]!) : 0;
    v[g] = use[g] === 1 ? d[g]! - (m === 0 ? 0 : m * v[g - 1]!) : 0;
  }
  let B = 0;
  let K = 0;
  let E = 0;
  for (let g = count - 1; g >= 0; g--) {
    if (use[g] === 0) continue;
    const b = g + 1 < count && use[g + 1] === 1 ? beta[g]! : 0;
    p[g] = (p[g]! - (b === 0 ? 0 : b * p[g + 1]!)) / f[g]!;
    v[g] = (v[g]! - (b === 0 ? 0 : b * v[g + 1]!)) / f[g]!;
    B += p[g]! * d[g]!;
    K += p[g]!;
    E += v[g]! * d[g]!;
  }
  work.B = B;
  work.K = K;
  work.E = E;
}

/** Leaves out the difference, or the two around an averaged group, whose loss improves χ² most; null when none should go. */
function dropWorst(
  work: Work,
  { count, averaged }: Differences,
  used: number,
  [one, two]: readonly [number, number],
): number | null {
  const { alpha, beta, p, v, f, h, use, hit, B, K } = work;
  const link = (g: number): number => (g + 1 < count && use[g] === 1 && use[g + 1] === 1 ? beta[g]! : 0);
  for (let g = count - 1; g >= 0; g--) {
    const b = link(g);
    h[g] = alpha[g]! - (b === 0 ? 0 : (b * b) / h[g + 1]!);
  }
  const rate = B / K;
  let [best1, best2, at1, at2, rate1, rate2] = [-Infinity, -Infinity, -1, -1, 0, 0];
  for (let g = 0; g < count; g++) {
    if (use[g] === 0) continue;
    const D = 1 / (f[g]! + h[g]! - alpha[g]!);
    const M = D - (p[g]! * p[g]!) / K;
    const r = v[g]! - rate * p[g]!;
    const gain1 = finite((r * r) / M);
    if (gain1 > best1) [best1, at1, rate1] = [gain1, g, (B - (p[g]! * r) / M) / K];
    if (used < 4 || g + 1 >= count || use[g + 1] === 0 || averaged[g] === 0) continue;
    const D2 = 1 / (f[g + 1]! + h[g + 1]! - alpha[g + 1]!);
    const M2 = D2 - (p[g + 1]! * p[g + 1]!) / K;
    const off = -(link(g) / f[g]!) * D2 - (p[g]! * p[g + 1]!) / K;
    const r2 = v[g + 1]! - rate * p[g + 1]!;
    const det = M * M2 - off * off;
    const b = (r * M2 - r2 * off) / det;
    const c = (r2 * M - r * off) / det;
    const gain2 = finite(b * r + c * r2);
    if (gain2 > best2) [best2, at2, rate2] = [gain2, g, (B - b * p[g]! - c * p[g + 1]!) / K];
  }
  if (best1 - one > best2 - two) {
    if (!(best1 > one)) return null;
    use[at1] = 0;
    hit[at1] = 1;
    return rate1;
  }
  if (!(best2 > two)) return null;
  use[at2] = use[at2 + 1] = 0;
  hit[at2] = hit[at2 + 1] = 1;
  return rate2;
}

/**
 * Two differences that contradict each other: χ² doesn't tell which is wrong. A hit only adds charge, so the larger
 * goes, unless the smaller one ends in an averaged group just before saturation (`cut`), some of whose reads are clipped.
 */
function dropOfTwo(
  { B, K, E, d, use, hit }: Work,
  { averaged }: Differences,
  threshold: number,
  cut: number,
): number | null {
  if (!(E - (B * B) / K > threshold)) return null;
  const [first, last] = [use.indexOf(1), use.lastIndexOf(1)];
  const isClipped = last + 2 === cut && averaged[last] === 1 && d[last]! < d[first]!;
  const out = isClipped || d[last]! > d[first]! ? last : first;
  use[out] = 0;
  hit[out] = 1;
  return d[out === first ? last : first]!;
}

const finite = (x: number): number => (Number.isFinite(x) ? x : 0);

/** The fit with the rate's own covariance (§15.5), and its photon and read-noise parts. */
function finish(work: Work, differences: Differences, photon: number, rho: number, i: number): void {
  const { count, alphaP, alphaR, betaP, betaR } = differences;
  prepare(work, differences, photon, rho);
  solve(work, count);
  const { p, B, K, E } = work;
  let sumP = 0;
  let sumR = 0;
  for (let g = 0; g < count; g++) {
    const w = p[g]! / K;
    const pair = g + 1 < count ? (2 * w * p[g + 1]!) / K : 0;
    sumP += w * w * alphaP[g]! + (pair === 0 ? 0 : pair * betaP[g]!);
    sumR += w * w * alphaR[g]! + (pair === 0 ? 0 : pair * betaR[g]!);
  }
  work.rate[i] = B / K;
  work.err[i] = 1 / Math.sqrt(K === 0 ? NaN : K);
  work.varP[i] = photon * sumP;
  work.varR[i] = rho * sumR;
  work.chisq[i] = E - (B * B) / K;
}

/** §15.6: integrations weighted by the inverse variance that they would have at the common rate. */
function combine(work: Work, whole: LikelihoodPlanes, p: number): void {
  const { rate, err, varP, varR, chisq } = work;
  const nints = rate.length;
  if (nints === 1) {
    whole.slope[p] = rate[0]!;
    whole.err[p] = err[0]!;
    whole.varP[p] = varP[0]!;
    whole.varR[p] = varR[0]!;
    whole.chisq[p] = chisq[0]!;
    return;
  }
  const finiteRates = rate.filter((value) => value === value).sort();
  const m = finiteRates.length;
  let slope = m === 0 ? NaN : (finiteRates[(m - 1) >> 1]! + finiteRates[m >> 1]!) / 2;
  let [sumP, sumR] = [0, 0];
  for (let round = 0; round < 2; round++) {
    let [total, value] = [0, 0];
    sumP = sumR = 0;
    for (let i = 0; i < nints; i++) {
      if (!(rate[i] === rate[i])) continue;
      const ratio = slope / rate[i]!;
      const scaled = varP[i]! * (Number.isFinite(ratio) && ratio >= 0 ? ratio : 0);
      const weight = 1 / (scaled + varR[i]!);
      total += weight;
      value += weight * rate[i]!;
      sumP += weight * weight * scaled;
      sumR += weight * weight * varR[i]!;
    }
    slope = value / total;
    sumP /= total * total;
    sumR /= total * total;
  }
  whole.slope[p] = slope;
  whole.varP[p] = sumP;
  whole.varR[p] = sumR;
  whole.err[p] = Math.sqrt(sumP + sumR);
  whole.chisq[p] = chisq.reduce((a, b) => a + b, 0);
}
