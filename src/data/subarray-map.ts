/** Up to ten subarrays read out of one frame: where they lie, the holes they leave, and putting them back. */
import { StepError } from "../errors.js";
import type { KeywordValue } from "./exposure.js";
import { DQ } from "./dq.js";
import type { Rectangle } from "./subarray.js";

/** 0 outside, k in the rectangle of subarray k. */
export interface SubarrayMap {
  map: Uint8Array | Uint16Array | Int16Array;
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

/** Flags the holes that the subarrays leave in the full frame; flags that are there stay. */
export function flagHoles(dq: Uint32Array, { map }: SubarrayMap): void {
  for (let i = 0; i < dq.length; i++) if (map[i] !== 0) dq[i]! |= DQ.OUTLIER;
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

interface Planes {
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
}

/**
 * Puts the pixels of subarray `k`, in row order, where the map says k.
 * @throws StepError when the map has another number of pixels for it.
 */
export function mergeSubarray(full: Planes, { map }: SubarrayMap, k: number, subarray: Planes): void {
  let places = 0;
  for (const value of map) if (value === k) places++;
  if (places !== subarray.sci.length)
    throw new StepError(
      `merge_subarrays: on subarray ${String(k)} — it has ${String(subarray.sci.length)} pixels, the full frame's map ${String(places)}`,
      { hint: "look at SUBARR_MAP of the full frame: iris fits stats FILE" },
    );
  let from = 0;
  for (let i = 0; i < map.length; i++) {
    if (map[i] !== k) continue;
    full.sci[i] = subarray.sci[from]!;
    full.err[i] = subarray.err[from]!;
    full.dq[i] = subarray.dq[from++]!;
  }
}
