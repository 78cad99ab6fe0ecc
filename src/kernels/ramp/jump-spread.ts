/** Hits reach further than the pixel and the read where they are found: neighbours, and the groups after. */
import { bit } from "./segments.js";
import {
  addHit,
  bad,
  differences,
  medianOf,
  sigmaOf,
  type JumpInput,
  type JumpOptions,
  type Work,
} from "./jump-work.js";

/** Hits of a certain size spill into the four neighbours; those don't spill further. */
export function flagNeighbors(
  input: JumpInput,
  work: Work,
  { neighborsFrom, neighborsTo }: JumpOptions,
): void {
  const { nx, ngroups, groupdq } = input;
  const n = work.pixels;
  const spill = (at: number): void => {
    if ((groupdq[at]! & (bad | bit.jump)) !== 0) return;
    groupdq[at]! |= bit.jump;
    addHit(work, at);
  };
  const found = work.hits.length;
  for (let h = 0; h < found; h++) {
    const at = work.hits[h]!;
    // taken back since, as a group in which everything was hit
    if ((groupdq[at]! & bit.jump) === 0) continue;
    const p = at % n;
    const group = (at - p) / n;
    if (group % ngroups === 0) continue;
    const known = work.ratios[h]!;
    const ratio =
      known === known ? known : deviation(input, work, p, Math.floor(group / ngroups), (group % ngroups) - 1);
    if (!(ratio > neighborsFrom && ratio < neighborsTo)) continue;
    const x = p % nx;
    if (p >= nx) spill(at - nx);
    if (p + nx < n) spill(at + nx);
    if (x > 0) spill(at - 1);
    if (x + 1 < nx) spill(at + 1);
  }
}

function medianAt(input: JumpInput, work: Work, p: number): number {
  const known = work.medians.get(p);
  if (known !== undefined) return known;
  differences(input, work, p);
  work.medians.set(p, work.median);
  return work.median;
}

/** |d − median|/σ of difference `j`, again from the samples. */
function deviation(input: JumpInput, work: Work, p: number, i: number, j: number): number {
  const noise = Math.fround(input.readNoise[p]! * input.gain[p]!);
  const sigma = sigmaOf(input, medianAt(input, work, p), noise * noise, j);
  return Math.abs(excess(input, work, p, i, j)) / (sigma > 0 ? sigma : Infinity);
}

function excess(input: JumpInput, work: Work, p: number, i: number, j: number): number {
  const { ngroups, sci, gain, uneven } = input;
  const at = (i * ngroups + j) * work.pixels + p;
  const g = gain[p]!;
  const d = Math.fround(Math.fround(sci[at + work.pixels]! * g) - Math.fround(sci[at]! * g));
  return d / (uneven ? uneven.step[j]! : 1) - medianAt(input, work, p);
}

/** Large hits leave a transient: the groups after them are flagged too. */
export function flagAfter(
  input: JumpInput,
  work: Work,
  dn: number,
  groups: number,
  medianGain: boolean,
): void {
  const { ngroups, groupdq, gain } = input;
  const n = work.pixels;
  const reach = Math.min(groups, ngroups - 2);
  const gains = medianGain ? Float64Array.from({ length: n }, (_, p) => gain[p]!) : null;
  const common = gains ? medianOf(gains, new Float64Array(n)) : NaN;
  const found = work.hits.length;
  for (let h = 0; h < found; h++) {
    const at = work.hits[h]!;
    const p = at % n;
    const group = (at - p) / n;
    const j = group % ngroups;
    if (j === 0 || (groupdq[at]! & bit.jump) === 0) continue;
    const size = excess(input, work, p, Math.floor(group / ngroups), j - 1);
    if (!(size >= dn * (medianGain ? common : gain[p]!))) continue;
    for (let k = 1; k <= reach && j + k < ngroups; k++) {
      const later = at + k * n;
      if ((groupdq[later]! & (bad | bit.jump)) !== 0) continue;
      groupdq[later]! |= bit.jump;
      addHit(work, later);
    }
  }
}
