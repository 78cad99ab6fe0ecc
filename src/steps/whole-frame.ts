/** A look at a whole frame for steps that then work in bands: its pixels are gathered strip by strip. */
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import type { RowRange } from "../step/define.js";

export interface Strip {
  sci: Float32Array;
  /** 1: flagged, or no value. */
  bad: Uint8Array;
}

const STRIP_ROWS = 256;

export const stripsOf = ({ ny }: { ny: number }): RowRange[] =>
  Array.from({ length: Math.ceil(ny / STRIP_ROWS) }, (_, k) => ({
    y0: k * STRIP_ROWS,
    ny: Math.min(STRIP_ROWS, ny - k * STRIP_ROWS),
  }));

/** What is kept of some rows: copies, because the rows themselves are forgotten. `flags`: what makes a pixel bad. */
export function takeStrip({ sci, dq, nx, ny }: Image, flags: number = DQ.DO_NOT_USE): Strip {
  const n = nx * ny;
  const bad = new Uint8Array(n);
  for (let i = 0; i < n; i++) bad[i] = (dq[i]! & flags) !== 0 || sci[i]! - sci[i]! !== 0 ? 1 : 0;
  return { sci: sci.slice(0, n), bad };
}

/** The strips as one frame. */
export function joinStrips(strips: readonly Strip[]): Strip {
  const n = strips.reduce((sum, { sci }) => sum + sci.length, 0);
  const frame = { sci: new Float32Array(n), bad: new Uint8Array(n) };
  let at = 0;
  for (const { sci, bad } of strips) {
    frame.sci.set(sci, at);
    frame.bad.set(bad, at);
    at += sci.length;
  }
  return frame;
}

/** Packs the values that aren't bad to the front of `sci`; returns how many. */
export function packGood({ sci, bad }: Strip): number {
  let n = 0;
  for (let i = 0; i < sci.length; i++) if (!bad[i]) sci[n++] = sci[i]!;
  return n;
}
