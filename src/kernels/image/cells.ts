/** Points looked up by place: squares of a grid that hold the numbers of the points in them. */

export interface Cells {
  size: number;
  members: ReadonlyMap<number, number[]>;
}

export function cellsOf(points: readonly { x: number; y: number }[], size: number): Cells {
  const members = new Map<number, number[]>();
  points.forEach(({ x, y }, k) => {
    const key = keyOf(Math.floor(x / size), Math.floor(y / size));
    const cell = members.get(key);
    if (cell) cell.push(k);
    else members.set(key, [k]);
  });
  return { size, members };
}

/** All points in the squares that come within `reach` of (x, y) along either axis: those that are and some more. */
export function near({ size, members }: Cells, x: number, y: number, reach: number): number[] {
  const found: number[] = [];
  for (let cy = Math.floor((y - reach) / size); cy <= Math.floor((y + reach) / size); cy++)
    for (let cx = Math.floor((x - reach) / size); cx <= Math.floor((x + reach) / size); cx++)
      for (const k of members.get(keyOf(cx, cy)) ?? []) found.push(k);
  return found;
}

const keyOf = (cx: number, cy: number): number => cy * 65536 + cx;
