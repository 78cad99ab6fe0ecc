/** The lines of overscan pixels: along rows beside the data, along columns above or below them. */
import type { Image } from "../../data/kinds.js";
import type { Amplifier, Rectangle } from "../../data/parts.js";
import { lineLevels, type LevelPolicy, type Levels } from "../../kernels/image/overscan-level.js";
import type { RowRange } from "../../step/define.js";

const CHUNK = 64;

/** Beside the data the level is known row by row; above or below them, column by column. */
export const isBeside = ({ data, overscan }: Amplifier): boolean =>
  overscan !== null && overscan.y0 < data.y0 + data.ny && overscan.y0 + overscan.ny > data.y0;

/** Rows to look at: those of overscans beside the data piece by piece, each of the others at once. */
export function overscanRows(amplifiers: readonly Amplifier[]): RowRange[] {
  const ranges: RowRange[] = [];
  const beside = amplifiers.flatMap((amplifier) => (isBeside(amplifier) ? [amplifier.overscan!] : []));
  if (beside.length > 0) {
    const end = Math.max(...beside.map(({ y0, ny }) => y0 + ny));
    for (let y0 = Math.min(...beside.map((rectangle) => rectangle.y0)); y0 < end; y0 += CHUNK)
      ranges.push({ y0, ny: Math.min(CHUNK, end - y0) });
  }
  for (const amplifier of amplifiers) {
    if (amplifier.overscan === null || isBeside(amplifier)) continue;
    const { y0, ny } = amplifier.overscan;
    if (!ranges.some((range) => range.y0 === y0 && range.ny === ny)) ranges.push({ y0, ny });
  }
  return ranges;
}

/** What one piece of the frame says of each amplifier: levels from line `first` of its overscan on; null: nothing. */
export type TakenLevels = readonly ((Levels & { first: number }) | null)[];

export const takeLevels = (
  piece: Image,
  amplifiers: readonly Amplifier[],
  policy: LevelPolicy,
): TakenLevels => amplifiers.map((amplifier) => ofAmplifier(piece, amplifier, policy));

function ofAmplifier(piece: Image, amplifier: Amplifier, policy: LevelPolicy): TakenLevels[number] {
  const { overscan } = amplifier;
  if (overscan === null) return null;
  const { nx } = piece;
  if (!isBeside(amplifier)) {
    if (piece.y0 !== overscan.y0 || piece.ny !== overscan.ny) return null;
    const lines = { at: overscan.x0, lines: overscan.nx, stride: 1, length: overscan.ny, step: nx };
    return { first: 0, ...lineLevels(piece.sci, lines, policy) };
  }
  const { y0, ny } = common(overscan, piece);
  if (ny <= 0) return null;
  const at = (y0 - piece.y0) * nx + overscan.x0;
  const lines = { at, lines: ny, stride: nx, length: overscan.nx, step: 1 };
  return { first: y0 - overscan.y0, ...lineLevels(piece.sci, lines, policy) };
}

function common(a: Rectangle, b: RowRange): RowRange {
  const y0 = Math.max(a.y0, b.y0);
  return { y0, ny: Math.min(a.y0 + a.ny, b.y0 + b.ny) - y0 };
}

/** All lines of an amplifier's overscan, and the scatter of its pixels where there is any; null without overscan. */
export function joinLevels(
  taken: readonly TakenLevels[],
  amplifier: Amplifier,
  k: number,
): { level: Float64Array; count: Float64Array; noise: number | null } | null {
  const { overscan } = amplifier;
  if (overscan === null) return null;
  const lines = isBeside(amplifier) ? overscan.ny : overscan.nx;
  const level = new Float64Array(lines).fill(NaN);
  const count = new Float64Array(lines);
  let squares = 0;
  let freedom = 0;
  for (const pieces of taken) {
    const piece = pieces[k];
    if (!piece) continue;
    level.set(piece.level, piece.first);
    count.set(piece.count, piece.first);
    squares += piece.squares;
    freedom += piece.freedom;
  }
  return { level, count, noise: freedom > 0 ? Math.sqrt(squares / freedom) : null };
}
