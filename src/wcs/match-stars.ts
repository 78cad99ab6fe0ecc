/** Finds which of a catalogue's stars each measured position is, though the camera is off by pixels and distorts. */
import { distort, fitDistortion, type Distortion, type Position } from "./fit-distortion.js";

export interface StarMatch {
  measured: Position[];
  /** Where the catalogue has them, in pixels of undistorted coordinates. */
  predicted: Position[];
}

/** Side of the cells in which shifts are counted, pixels. */
const CELL = 1;
/** Radius of the last match. */
const CLOSE = 1;
const NOWHERE: Position = [NaN, NaN];

/**
 * First the shift that most pairs share, then polynomials of growing order, each matched within a smaller radius.
 * `reach`: pixels by which coordinates and distortion together may be off.
 */
export function matchStars(
  spots: readonly Position[],
  catalogue: readonly Position[],
  reach: number,
  { order, origin }: { order: number; origin: Position },
): StarMatch {
  const [dx, dy] = commonShift(spots, catalogue, reach);
  let where = ([x, y]: Position): Position => [x + dx, y + dy];
  let match = nearestPairs(spots, catalogue, where, Math.max(CLOSE, reach / 2));
  for (let n = 1; n <= order; n++) {
    const terms = ((n + 1) * (n + 2)) / 2;
    if (match.measured.length < 2 * terms) break;
    const model: Distortion = fitDistortion(match.predicted, match.measured, { order: n, origin });
    where = (place) => distort(model, place);
    const radius = Math.max(CLOSE, (reach / 2) * (1 - n / order));
    match = nearestPairs(spots, catalogue, where, radius);
  }
  return match;
}

/** Middle of the most populated cell of the differences spot − star, averaged over it and its neighbours. */
function commonShift(spots: readonly Position[], catalogue: readonly Position[], reach: number): Position {
  const width = 2 * Math.ceil(reach / CELL) + 1;
  const votes = new Float64Array(width * width);
  const cellOf = (d: number): number => Math.floor((d + reach) / CELL);
  const each = (use: (dx: number, dy: number, cell: number) => void): void => {
    for (const [x, y] of spots)
      for (const [u, v] of catalogue) {
        const [a, b] = [x - u, y - v];
        if (Math.abs(a) < reach && Math.abs(b) < reach) use(a, b, cellOf(b) * width + cellOf(a));
      }
  };
  each((_, __, cell) => votes[cell]!++);
  // A distorted field spreads its peak over cells: each counts with its neighbours.
  let [best, most] = [NOWHERE as readonly number[], -1];
  for (let y = 0; y < width; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let v = Math.max(0, y - 1); v <= Math.min(width - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) sum += votes[v * width + u]!;
      if (sum > most) [best, most] = [[x, y], sum];
    }
  const [cx, cy] = best as [number, number];
  let [sx, sy, n] = [0, 0, 0];
  each((dx, dy) => {
    if (Math.abs(cellOf(dx) - cx) > 1 || Math.abs(cellOf(dy) - cy) > 1) return;
    [sx, sy, n] = [sx + dx, sy + dy, n + 1];
  });
  return n > 0 ? [sx / n, sy / n] : [0, 0];
}

/** Pairs that are each other's nearest, within `radius`. */
function nearestPairs(
  spots: readonly Position[],
  catalogue: readonly Position[],
  where: (place: Position) => Position,
  radius: number,
): StarMatch {
  const places = catalogue.map(where);
  const nearest = (from: Position, to: readonly Position[]): number => {
    let [best, least] = [-1, radius];
    to.forEach(([x, y], k) => {
      const d = Math.hypot(x - from[0], y - from[1]);
      if (d < least) [best, least] = [k, d];
    });
    return best;
  };
  const match: StarMatch = { measured: [], predicted: [] };
  spots.forEach((spot, k) => {
    const star = nearest(spot, places);
    if (star < 0 || nearest(places[star]!, spots) !== k) return;
    match.measured.push(spot);
    match.predicted.push(catalogue[star]!);
  });
  return match;
}
