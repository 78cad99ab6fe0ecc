/** Cuts a ramp at its flagged groups into segments that can be fitted (READOUT §14.3). */

/** Bits of a group's flags that matter to the cuts. */
export const bit = { unusable: 1, saturated: 2, jump: 4, persistence: 32, chargeLoss: 128 } as const;

export interface Segments {
  count: number;
  start: Int32Array;
  length: Int32Array;
}

export const makeSegments = (ngroups: number): Segments => ({
  count: 0,
  start: new Int32Array(ngroups),
  length: new Int32Array(ngroups),
});

/**
 * Runs of unflagged groups, each with the hit group before it: after the jump the ramp is good again. PERSISTENCE
 * doesn't count. Single groups only when there is nothing longer, and then only the first.
 */
export function cutSegments(into: Segments, dq: Uint8Array): void {
  into.count = 0;
  const n = dq.length;
  if ((dq[0]! & bit.saturated) !== 0) return;
  let longest = 0;
  for (let g = 0; g < n;) {
    if ((dq[g]! & ~bit.persistence) !== 0) {
      g++;
      continue;
    }
    let from = g;
    if (g > 0 && (dq[g - 1]! & ~bit.persistence) === bit.jump) from--;
    while (g < n && (dq[g]! & ~bit.persistence) === 0) g++;
    into.start[into.count] = from;
    into.length[into.count++] = g - from;
    longest = Math.max(longest, g - from);
  }
  if (longest === 1) into.count = 1;
  if (longest < 2) return;
  let kept = 0;
  for (let j = 0; j < into.count; j++) {
    if (into.length[j] === 1) continue;
    into.start[kept] = into.start[j]!;
    into.length[kept++] = into.length[j]!;
  }
  into.count = kept;
}
