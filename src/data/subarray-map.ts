/** Up to ten subarrays read out of one frame: where they lie, the holes they leave, and putting them back. */
import type { Rectangle } from "./parts.js";
import type { Keywords, KeywordValue } from "./exposure.js";
import { DQ } from "./dq.js";

/** 0 outside, k in the rectangle of subarray k. */
export interface SubarrayMap {
  map: ArrayLike<number>;
  nx: number;
  ny: number;
}

export interface ParsedMap {
  /** Of the subarrays 1, 2 …, up to the first that is absent. */
  rectangles: Rectangle[];
  /** What is odd about the map, in sentences. */
  oddities: string[];
}

const MOST = 10;

/** The rectangles between the first and the last pixel of each number, in row order. */
export function parseSubarrayMap({ map, nx, ny }: SubarrayMap): ParsedMap {
  const first = new Int32Array(MOST + 1).fill(-1);
  const last = new Int32Array(MOST + 1).fill(-1);
  const count = new Int32Array(MOST + 1);
  for (let i = 0; i < nx * ny; i++) {
    const k = map[i]!;
    if (k < 1 || k > MOST) continue;
    if (first[k]! < 0) first[k] = i;
    last[k] = i;
    count[k]!++;
  }
  const rectangles: Rectangle[] = [];
  const oddities: string[] = [];
  let k = 1;
  for (; k <= MOST && first[k]! >= 0; k++) {
    const [x0, y0] = [first[k]! % nx, Math.floor(first[k]! / nx)];
    const rectangle = { x0, y0, nx: (last[k]! % nx) - x0 + 1, ny: Math.floor(last[k]! / nx) - y0 + 1 };
    if (count[k] !== rectangle.nx * rectangle.ny) oddities.push(`subarray ${String(k)} is no full rectangle`);
    rectangles.push(rectangle);
  }
  for (let later = k + 1; later <= MOST; later++)
    if (first[later]! >= 0) oddities.push(`subarray ${String(later)} is left out: there is no ${String(k)}`);
  return { rectangles, oddities };
}

/** Flags the holes that the subarrays leave in rows from `y0` on of the full frame; flags that are there stay. */
export function flagHoles(dq: Uint32Array, { map, nx }: SubarrayMap, y0 = 0): void {
  const at = y0 * nx;
  for (let i = 0; i < dq.length; i++) if (map[at + i] !== 0) dq[i]! |= DQ.OUTLIER;
}

/** SUBAkX1, SUBAkY1 counted from 1, SUBAkNX, SUBAkNY. */
export function subarrayKeywords(rectangles: readonly Rectangle[]): Record<string, KeywordValue> {
  const written = rectangles.flatMap(({ x0, y0, nx, ny }, k): [string, number][] => {
    const name = `SUBA${String(k + 1)}`;
    return [
      [`${name}X1`, x0 + 1],
      [`${name}Y1`, y0 + 1],
      [`${name}NX`, nx],
      [`${name}NY`, ny],
    ];
  });
  return Object.fromEntries(written);
}

/** Where subarray `k` lies in the full frame: SUBAk… of its header; null when that doesn't say. */
export function subarrayPlace(header: Keywords, k: number): Rectangle | null {
  const [x, y, nx, ny] = ["X1", "Y1", "NX", "NY"].map((word) => header[`SUBA${String(k)}${word}`]);
  if (typeof x !== "number" || typeof y !== "number" || typeof nx !== "number" || typeof ny !== "number")
    return null;
  return { x0: x - 1, y0: y - 1, nx, ny };
}
