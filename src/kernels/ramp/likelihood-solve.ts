/** The fit of one ramp with the covariance of its differences: a symmetric tridiagonal system (READOUT §15.2, §15.5). */
import type { Differences } from "./likelihood-differences.js";

/** A ramp at hand: its differences, which of them are used, and what was made of them. */
export type Work = ReturnType<typeof makeWork>;

export function makeWork(n: number, nints: number) {
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

/** The covariance of the differences at `photon` [DN/s over gain] and read variance `rho` [DN²]. */
export function prepare(
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
export function solve(work: Work, count: number): void {
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

/** The fit with the rate's own covariance (§15.5), and its photon and read-noise parts. */
export function finish(work: Work, differences: Differences, photon: number, rho: number, i: number): void {
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
