/**
 * Maximum-likelihood slope with the full covariance of the read differences, and its own search for hits
 * (READOUT §15; Brandt 2024, PASP 136, 045004 and 045005).
 */
import { heap, type Alloc } from "../alloc.js";
import {
  fitCleanLikelihood,
  makeCleanLikelihood,
  type CleanLikelihood,
  type CleanResult,
} from "./likelihood-clean.js";
import { combine } from "./likelihood-combine.js";
import type { LikelihoodInput, LikelihoodPlanes } from "./likelihood-input.js";
import { median, search } from "./likelihood-search.js";
import { finish, makeWork, type Work } from "./likelihood-solve.js";
import { bit } from "./segments.js";
import { orPlanes } from "./sums.js";

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
  const { from: first, to: end } = input.pixels ?? { from: 0, to: pixeldq.length };
  const together = nints === 1 && differences.count >= 3 && differences.averaged.every((one) => one === 0);
  const rows = together ? makeRows(input, alloc) : null;
  for (let from = first; from < end; from += chunk) {
    const to = Math.min(end, from + chunk);
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
