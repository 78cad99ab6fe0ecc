/** Tiles and regions of an image: which tiles a region touches, and what of a tile lies in it. */
import type { TypedArray } from "../typed-array.js";
import type { TileInfo } from "./info.js";

/** Half-open ranges per axis, FITS order. */
export type Region = readonly (readonly [from: number, to: number])[];

export const regionSize = (region: Region): number =>
  region.reduce((product, [from, to]) => product * (to - from), 1);

export const wholeImage = (axes: readonly number[]): Region => axes.map((n) => [0, n]);

/** The tiles that a region touches, by their place in the image. */
export interface Grid {
  first: number[];
  counts: number[];
  size: number;
}

export function gridOf({ tile }: Pick<TileInfo, "tile">, region: Region): Grid {
  const first = region.map(([from], i) => Math.floor(from / tile[i]!));
  const counts = region.map(([, to], i) => Math.floor((to - 1) / tile[i]!) - first[i]! + 1);
  return { first, counts, size: counts.reduce((product, n) => product * n, 1) };
}

/** Tile `ordinal` of the grid: its row in the table and the part of the image that it covers. */
export function tileOf(
  info: Pick<TileInfo, "tile" | "axes" | "counts">,
  grid: Grid,
  ordinal: number,
): { index: number; box: Region } {
  const { tile, axes, counts } = info;
  let rest = ordinal;
  let index = 0;
  let stride = 1;
  const box = axes.map((length, i): [number, number] => {
    const at = grid.first[i]! + (rest % grid.counts[i]!);
    rest = Math.floor(rest / grid.counts[i]!);
    index += at * stride;
    stride *= counts[i]!;
    return [at * tile[i]!, Math.min((at + 1) * tile[i]!, length)];
  });
  return { index, box };
}

/**
 * Where a tile that lies in the region as a whole fills one run of it: the first sample of the run; −1 for tiles whose
 * rows lie apart.
 */
export function runOf(box: Region, region: Region): number {
  let start = 0;
  let stride = 1;
  let whole = true;
  for (let axis = 0; axis < box.length; axis++) {
    const [a, b] = box[axis]!;
    const [from, to] = region[axis]!;
    if (a < from || b > to || (!whole && b - a > 1)) return -1;
    start += (a - from) * stride;
    stride *= to - from;
    whole &&= a === from && b === to;
  }
  return start;
}

/** Copies the part of a tile that lies in the region, run by run along x. */
export function copyTile(tile: TypedArray, box: Region, region: Region, out: TypedArray): void {
  const axes = box.length;
  const from = box.map(([a], i) => Math.max(a, region[i]![0]));
  const to = box.map(([, b], i) => Math.min(b, region[i]![1]));
  const run = to[0]! - from[0]!;
  const at = [...from];
  for (;;) {
    let source = 0;
    let target = 0;
    for (let axis = axes - 1; axis >= 0; axis--) {
      source = source * (box[axis]![1] - box[axis]![0]) + at[axis]! - box[axis]![0];
      target = target * (region[axis]![1] - region[axis]![0]) + at[axis]! - region[axis]![0];
    }
    (out as Float64Array).set((tile as Float64Array).subarray(source, source + run), target);
    let axis = 1;
    while (axis < axes && ++at[axis]! >= to[axis]!) {
      at[axis] = from[axis]!;
      axis++;
    }
    if (axis >= axes) return;
  }
}
