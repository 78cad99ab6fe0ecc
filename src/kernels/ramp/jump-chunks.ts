/** The pixels of a search for hits, some thousand at a time, with the flags that their groups carry. */
import type { Alloc } from "../alloc.js";
import { collectGiven, type JumpInput, type Work } from "./jump-work.js";
import { bit } from "./segments.js";
import { orPlanes } from "./sums.js";

/** Pixels looked at together. */
export const CHUNK = 2048;
/** Samples in a cache line: the kernels take as many pixels at a time. */
export const LINE = 16;

/** Calls `visit` with the pixels [from, to) and the OR of each one's flags; null where none carries any. */
export function eachChunk(
  { nx, ny, ngroups, groupdq, flagged, pixels }: JumpInput,
  alloc: Alloc,
  visit: (from: number, to: number, own: Uint8Array | null) => void,
): void {
  const n = nx * ny;
  const { from: first, to: end } = pixels ?? { from: 0, to: n };
  const flags = alloc.u8(CHUNK);
  for (let from = first; from < end; from += CHUNK) {
    const to = Math.min(end, from + CHUNK);
    const own = flags.subarray(0, to - from);
    visit(from, to, flagged && orPlanes(own, groupdq, from, ngroups, n, 255) ? own : null);
  }
}

/** Notes the hits of these pixels that were flagged before; `own` begins with pixel `from`. */
export function collectFrom(
  own: Uint8Array | null,
  from: number,
  list: Uint32Array,
  input: JumpInput,
  work: Work,
): void {
  if (own) for (const p of list) if ((own[p - from]! & bit.jump) !== 0) collectGiven(input, work, p);
}
