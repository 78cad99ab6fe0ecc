/** Points looked up by place: squares of a grid that hold the numbers of the points in them. */

export interface Cells {
  size: number;
  /** First column and row of squares, and how many. */
  x0: number;
  y0: number;
  columns: number;
  rows: number;
  /** Those of square c are members[starts[c]] … members[starts[c + 1] − 1]. */
  starts: Int32Array;
  members: Int32Array;
}

/** Squares of the side `size`; the points have finite places. */
export function cellsOf(points: readonly { x: number; y: number }[], size: number): Cells {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of points) {
    x0 = Math.min(x0, Math.floor(x / size));
    x1 = Math.max(x1, Math.floor(x / size));
    y0 = Math.min(y0, Math.floor(y / size));
    y1 = Math.max(y1, Math.floor(y / size));
  }
  const [columns, rows] = points.length > 0 ? [x1 - x0 + 1, y1 - y0 + 1] : [0, 0];
  const starts = new Int32Array(columns * rows + 1);
  const cells = new Int32Array(points.length);
  for (let k = 0; k < points.length; k++) {
    const { x, y } = points[k]!;
    cells[k] = (Math.floor(y / size) - y0) * columns + Math.floor(x / size) - x0;
    starts[cells[k]! + 1]!++;
  }
  for (let c = 0; c < columns * rows; c++) starts[c + 1]! += starts[c]!;
  const next = starts.slice();
  const members = new Int32Array(points.length);
  for (let k = 0; k < points.length; k++) members[next[cells[k]!]!++] = k;
  return { size, x0, y0, columns, rows, starts, members };
}

/** All points in the squares that come within `reach` of (x, y) along either axis: those that are and some more. */
export function near(
  { size, x0, y0, columns, rows, starts, members }: Cells,
  x: number,
  y: number,
  reach: number,
): number[] {
  const found: number[] = [];
  const first = Math.max(0, Math.floor((x - reach) / size) - x0);
  const last = Math.min(columns - 1, Math.floor((x + reach) / size) - x0);
  const bottom = Math.max(0, Math.floor((y - reach) / size) - y0);
  const top = Math.min(rows - 1, Math.floor((y + reach) / size) - y0);
  if (!(first <= last)) return found;
  for (let row = bottom; row <= top; row++) {
    const end = starts[row * columns + last + 1]!;
    for (let k = starts[row * columns + first]!; k < end; k++) found.push(members[k]!);
  }
  return found;
}
