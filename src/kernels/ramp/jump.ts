/**
 * Two-point-difference search for cosmic-ray hits (READOUT §12; Anderson & Gordon 2011, PASP 123, 1237): the
 * difference of two reads that lies too far from the median difference of its ramp.
 */
import { heap, type Alloc } from "../alloc.js";
import { searchTogether } from "./jump-screen.js";
import { searchInTurn } from "./jump-short.js";
import { bit } from "./segments.js";
import { clipDifferences, iterate, singlePass } from "./jump-search.js";
import { flagAfter, flagNeighbors } from "./jump-spread.js";
import { collectGiven, differences, makeWork, type JumpInput, type JumpOptions } from "./jump-work.js";

/** Flags hits in `groupdq`. */
export function findJumps(
  input: JumpInput,
  options: JumpOptions,
  { usable, full }: GroupFacts,
  alloc: Alloc = heap,
): void {
  const { nx, ny, nints } = input;
  const { from, to } = input.pixels ?? { from: 0, to: nx * ny };
  const clip = isClipped(input, options);
  const search = usable >= 3 || clip;
  const onePass = usable - 1 >= options.singlePass;
  const work = makeWork(input);
  const isSimple = search && !clip && !input.uneven && nints === 1;
  if (isSimple && onePass) searchTogether(input, work, options.rejection, alloc);
  else if (isSimple) searchInTurn(input, work, options, alloc);
  else
    for (let p = from; p < to; p++) {
      if (input.flagged) collectGiven(input, work, p);
      if (!search) continue;
      differences(input, work, p);
      if (clip) clipDifferences(input, work, p, options);
      else if (onePass) singlePass(input, work, p, options.rejection);
      else iterate(input, work, p, options);
    }
  if (!search) return;
  if (full) undoFull(input, full);
  if (options.flagNeighbors) flagNeighbors(input, work, options);
  for (const { dn, groups } of options.after)
    if (groups > 0) flagAfter(input, work, dn, groups, options.medianGain);
}

/** What is said of whole groups, which no band can know: decided on some rows of the frame. */
export interface GroupFacts {
  /** Groups that can be used, in the integration that has fewest. */
  usable: number;
  /** [nints][ngroups]: every pixel was hit or can't be used, when differences are clipped; null otherwise. */
  full: Uint8Array | null;
}

/** σ clipping across integrations (or groups) replaces the search. */
export const isClipped = ({ uneven, nints, ngroups }: JumpInput, options: JumpOptions): boolean =>
  !uneven && (options.acrossGroups ? nints * ngroups : nints) >= options.clipFrom;

/** [nints][ngroups]: 1 where every pixel carries one of `bits`. */
export function allCarry(
  { nx, ny, groupdq }: Pick<JumpInput, "nx" | "ny" | "groupdq">,
  bits: number,
): Uint8Array {
  const n = nx * ny;
  return Uint8Array.from({ length: groupdq.length / n }, (_, k) => {
    for (let at = k * n; at < (k + 1) * n; at++) if ((groupdq[at]! & bits) === 0) return 0;
    return 1;
  });
}

/** Groups that can be used, in the integration that has fewest; rows that are masked altogether say nothing. */
export function usableGroups(unusable: Uint8Array, ngroups: number): number {
  let fewest = ngroups;
  for (let from = 0; from < unusable.length; from += ngroups) {
    const left = unusable.subarray(from, from + ngroups).reduce((sum, one) => sum - one, ngroups);
    fewest = Math.min(fewest, left);
  }
  return fewest === 0 ? ngroups : fewest;
}

/** A group in which every pixel is hit or unusable wasn't hit: it was read differently. */
function undoFull({ nx, ny, groupdq }: JumpInput, full: Uint8Array): void {
  const n = nx * ny;
  full.forEach((one, k) => {
    if (one !== 0) for (let at = k * n; at < (k + 1) * n; at++) if (groupdq[at] === bit.jump) groupdq[at] = 0;
  });
}
