/** Regions of tile-compressed images: only the tiles that they touch are read and decoded. */
import { FitsError } from "../../errors.js";
import { describeHdu, type FitsFile, type Hdu } from "../file.js";
import type { TypedArray } from "../typed-array.js";
import { decodeTogether, threadsFor } from "./crew.js";
import { gridOf, regionSize, tileOf, type Region } from "./grid.js";
import type { TileInfo } from "./info.js";
import { placeTile, tileAt } from "./place.js";
import { makeArray } from "./tile.js";

/** More than this no algorithm expands: anything beyond is a header that lies. */
const mostExpansion: Readonly<Record<TileInfo["algorithm"], number>> = {
  RICE_1: 2048,
  GZIP_1: 1100,
  GZIP_2: 1100,
  PLIO_1: 17000,
  HCOMPRESS_1: 65536,
  NOCOMPRESS: 16,
};

/** @throws FitsError when the header declares more than the compressed bytes can hold. */
function checkExpansion(file: FitsFile, hdu: Hdu, info: TileInfo): void {
  const { bitpix, axes, counts } = info;
  const tiles = counts.reduce((product, n) => product * n, 1);
  const rows = hdu.table!.rows;
  if (tiles > rows)
    throw new FitsError(`cannot decode: ${describeHdu(file, hdu)} — ${tiles} tiles, the table has ${rows}`);
  const bytes = (axes.reduce((product, n) => product * n, 1) * Math.abs(bitpix)) / 8;
  const stored = Math.min(hdu.dataSize, file.size - hdu.dataStart);
  if (bytes > (stored + 64) * mostExpansion[info.algorithm]) {
    throw new FitsError(
      `cannot decode: ${describeHdu(file, hdu)} — ${bytes} bytes of image are declared, ${stored} bytes of ${info.algorithm} can't hold them`,
    );
  }
}

export interface RegionOptions {
  /** How many threads may decode; by default as many as there are processors, on the main thread. */
  threads?: number;
  /** Integers with their top bit turned over: unsigned ones in the memory of signed ones. */
  turn?: boolean;
}

/**
 * Samples of a region in native byte order, x fastest; in shared memory where several threads decoded them.
 */
export function readRegion(
  file: FitsFile,
  hdu: Hdu,
  info: TileInfo,
  region: Region,
  { threads, turn = false }: RegionOptions = {},
): TypedArray {
  checkExpansion(file, hdu, info);
  const size = regionSize(region);
  if (size === 0) return makeArray(info.bitpix, 0);
  const grid = gridOf(info, region);
  // A damaged first tile is found before room for the whole is taken.
  const first = tileOf(info, grid, 0);
  tileAt(file, hdu, info, first.index, regionSize(first.box), turn);
  const crew = threadsFor(file, size, grid, threads);
  if (crew > 1) {
    const shared = decodeTogether(file, hdu, info, { grid, region, turn }, crew);
    if (shared) return shared;
  }
  const out = makeArray(info.bitpix, size);
  for (let n = 0; n < grid.size; n++) placeTile(file, hdu, info, { grid, region, turn }, n, out);
  return out;
}
