/** Tells which hole of a regular mask each spot of its image is, from the middle outwards. */
import type { Position } from "./fit-distortion.js";

export interface GridMatch {
  measured: Position[];
  /** On the regular grid that lies best on the measured spots: moved, turned and scaled, never bent. */
  ideal: Position[];
  /** Distance of neighbouring holes, pixels, and angle of their rows, radians. */
  pitch: number;
  angle: number;
}

/** Part of the pitch by which a spot may be off where its neighbour puts it. */
const REACH = 0.3;

/**
 * @param pitch distance of the holes in pixels; `angle` of their rows from x, radians: both need be known to some 10 %.
 */
export function matchGrid(
  spots: readonly Position[],
  middle: Position,
  pitch: number,
  angle: number,
): GridMatch {
  const distance = ([x, y]: Position, [u, v]: Position): number => Math.hypot(x - u, y - v);
  const nearest = (place: Position): number => {
    let best = -1;
    spots.forEach((spot, k) => {
      if (best < 0 || distance(spot, place) < distance(spots[best]!, place)) best = k;
    });
    return best;
  };
  const [c, s] = [pitch * Math.cos(angle), pitch * Math.sin(angle)];
  const holes = new Map<number, Position>();
  const first = nearest(middle);
  const queue = first < 0 ? [] : [first];
  if (first >= 0) holes.set(first, [0, 0]);
  for (const spot of queue) {
    const [i, j] = holes.get(spot)!;
    const [x, y] = spots[spot]!;
    for (const [di, dj] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const place: Position = [x + di * c - dj * s, y + di * s + dj * c];
      const next = nearest(place);
      if (holes.has(next) || distance(spots[next]!, place) > REACH * pitch) continue;
      holes.set(next, [i + di, j + dj]);
      queue.push(next);
    }
  }
  const matched = [...holes].map(([spot, hole]) => ({ measured: spots[spot]!, hole }));
  return bestSimilar(
    matched.map(({ measured }) => measured),
    matched.map(({ hole }) => hole),
  );
}

/** Least squares of a shift, a turn and a scale from holes (or stars) to spots, as one complex factor. */
export function bestSimilar(measured: Position[], holes: readonly Position[]): GridMatch {
  const mean = (list: readonly Position[], axis: 0 | 1): number =>
    list.reduce((sum, place) => sum + place[axis], 0) / list.length;
  const [mx, my, hx, hy] = [mean(measured, 0), mean(measured, 1), mean(holes, 0), mean(holes, 1)];
  let [re, im, norm] = [0, 0, 0];
  holes.forEach(([i, j], k) => {
    const [u, v] = [i - hx, j - hy];
    const [x, y] = [measured[k]![0] - mx, measured[k]![1] - my];
    re += u * x + v * y;
    im += u * y - v * x;
    norm += u * u + v * v;
  });
  [re, im] = [re / norm, im / norm];
  return {
    measured,
    ideal: holes.map(([i, j]) => [mx + re * (i - hx) - im * (j - hy), my + im * (i - hx) + re * (j - hy)]),
    pitch: Math.hypot(re, im),
    angle: Math.atan2(im, re),
  };
}
