/** Means and covariances of the differences of groups (READOUT §15.1; Brandt 2024, PASP 136, 045004). */

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
