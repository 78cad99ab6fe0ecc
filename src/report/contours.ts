/** Lines of equal value in a picture (marching squares). */
import { medianOf } from "../kernels/image/select.js";
import { stretchTable, type Range, type Stretch } from "./stretch.js";

type Segment = (x0: number, y0: number, x1: number, y1: number) => void;

/** Edges of a cell that a line joins: 0 below, 1 right, 2 above, 3 left. */
type Pairs = readonly (readonly [number, number])[];

/** By the corners above the level, lower left first. */
const PAIRS: readonly Pairs[] = [
  [],
  [[3, 0]],
  [[0, 1]],
  [[3, 1]],
  [[1, 2]],
  [],
  [[0, 2]],
  [[3, 2]],
  [[2, 3]],
  [[2, 0]],
  [],
  [[2, 1]],
  [[1, 3]],
  [[1, 0]],
  [[0, 3]],
  [],
];
const ROUND_LOWER_LEFT: Pairs = [
  [3, 0],
  [1, 2],
];
const ROUND_LOWER_RIGHT: Pairs = [
  [0, 1],
  [2, 3],
];

/** Corners that face each other are above: apart where the middle of the cell is below, else joined. */
const saddle = (code: number, isJoined: boolean): Pairs =>
  (code === 5) === isJoined ? ROUND_LOWER_RIGHT : ROUND_LOWER_LEFT;

/** Gives every piece of the line at `level` to `use`, in columns and rows of the values; cells with a NaN have none. */
export function contourLines(
  values: Float32Array,
  { width, height }: { width: number; height: number },
  level: number,
  use: Segment,
): void {
  for (let y = 0; y + 1 < height; y++)
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      const [a, b, c, d] = [values[i]!, values[i + 1]!, values[i + width + 1]!, values[i + width]!];
      const sum = a + b + c + d;
      if (sum - sum !== 0) continue;
      const code = +(a > level) | (+(b > level) << 1) | (+(c > level) << 2) | (+(d > level) << 3);
      if (code === 0 || code === 15) continue;
      const part = (from: number, to: number): number => (level - from) / (to - from);
      const place = (edge: number): readonly [number, number] =>
        edge === 0
          ? [x + part(a, b), y]
          : edge === 1
            ? [x + 1, y + part(b, c)]
            : edge === 2
              ? [x + part(d, c), y + 1]
              : [x, y + part(a, d)];
      const pairs = code === 5 || code === 10 ? saddle(code, sum / 4 > level) : PAIRS[code]!;
      for (const [from, to] of pairs) use(...place(from), ...place(to));
    }
}

/** Columns apart, values of a smoothed picture have noise of their own; slopes are small over so few. */
const LAG = 5;
/** Noise above the middle value where the lowest line may be. */
const ABOVE = 3;

/** The median, and the scatter of the values without what changes slowly: from differences over a few columns. */
function groundOf(values: Float32Array, width: number): { median: number; noise: number } {
  const finite = values.filter((value) => value - value === 0);
  const differences = new Float32Array(values.length);
  let n = 0;
  for (let i = 0; i + LAG < values.length; i++) {
    const difference = Math.abs(values[i + LAG]! - values[i]!);
    if (i % width < width - LAG && difference - difference === 0) differences[n++] = difference;
  }
  return { median: medianOf(finite, finite.length), noise: (1.4826 * medianOf(differences, n)) / Math.SQRT2 };
}

/** `count` levels from above the noise to white, evenly spaced in brightness as the picture shows it. */
export function levelsFor(
  values: Float32Array,
  width: number,
  count: number,
  { low, high, softening }: Range & { softening: number },
  stretch: Stretch,
): number[] {
  const table = stretchTable(stretch, 4096, softening);
  const { median, noise } = groundOf(values, width);
  const floor = Math.max(0, Math.min(0.5, (median + ABOVE * noise - low) / (high - low))) || 0;
  const dark = table[Math.ceil(floor * (table.length - 1))]!;
  return Array.from({ length: count }, (_, k) => {
    const wanted = dark + ((1 - dark) * (k + 0.5)) / count;
    return low + (table.findIndex((brightness) => brightness >= wanted) / (table.length - 1)) * (high - low);
  });
}
