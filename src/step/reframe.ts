/** The contract of steps whose product is a frame pieced together of parts of their input: trimmed and joined. */
import type { KeywordValue } from "../data/exposure.js";
import type { Rectangle } from "../data/parts.js";

/** A rectangle of the input, and its first pixel's place in the product. */
export interface Piece {
  from: Rectangle;
  x0: number;
  y0: number;
}

/** Plain data: it is part of the plan. Pixels that no piece covers have no value. */
export interface Reframe {
  nx: number;
  ny: number;
  pieces: readonly Piece[];
  /** What headers say of the product's frame: sections, coordinates. */
  keywords: Readonly<Record<string, KeywordValue>>;
}

/** The frame that a step makes, and the rows of it that are to be made now. */
export interface ReframeRows {
  frame: Reframe;
  y0: number;
  ny: number;
}

/** The rows of the input, from the first to the last, that some rows of the product are made of; at least one. */
export function rowsBehind(
  { pieces }: Reframe,
  rows: { y0: number; ny: number },
): { y0: number; ny: number } {
  let first = Infinity;
  let end = -Infinity;
  for (const { from, y0 } of pieces) {
    const low = Math.max(rows.y0, y0);
    const high = Math.min(rows.y0 + rows.ny, y0 + from.ny);
    if (high <= low) continue;
    first = Math.min(first, low - y0 + from.y0);
    end = Math.max(end, high - y0 + from.y0);
  }
  return end > first ? { y0: first, ny: end - first } : { y0: pieces[0]!.from.y0, ny: 1 };
}
