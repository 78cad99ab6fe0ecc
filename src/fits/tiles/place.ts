/** Tiles decoded into their places in a region's samples. */
import { FitsError } from "../../errors.js";
import { describeHdu, type FitsFile, type Hdu } from "../file.js";
import type { TypedArray } from "../image.js";
import { copyTile, regionSize, runOf, tileOf, type Grid, type Region } from "./grid.js";
import type { TileInfo } from "./info.js";
import { readPacked } from "./packed.js";
import { decodeTile, makeArray } from "./tile.js";

interface Kept {
  index: number;
  data: TypedArray;
}

/** The tile decoded last, per HDU: row by row reading of tall tiles decodes each once. */
const lastTile = new WeakMap<Hdu, Kept>();

function decodeAt(file: FitsFile, hdu: Hdu, info: TileInfo, index: number, into: TypedArray): void {
  try {
    decodeTile(into, readPacked(file, hdu, info, index), info, index + 1);
  } catch (error) {
    if (!(error instanceof FitsError)) throw error;
    throw new FitsError(`cannot decode tile ${index + 1}: ${describeHdu(file, hdu)} — ${error.message}`, {
      cause: error,
    });
  }
}

/** The samples of a tile. @throws FitsError naming file, HDU and tile. */
export function tileAt(file: FitsFile, hdu: Hdu, info: TileInfo, index: number, count: number): TypedArray {
  const kept = lastTile.get(hdu);
  if (kept?.index === index) return kept.data;
  const data = makeArray(info.bitpix, count);
  decodeAt(file, hdu, info, index, data);
  lastTile.set(hdu, { index, data });
  return data;
}

/** Decodes tile `ordinal` of a grid into its place in `out`. @throws FitsError naming file, HDU and tile. */
export function placeTile(
  file: FitsFile,
  hdu: Hdu,
  info: TileInfo,
  grid: Grid,
  ordinal: number,
  region: Region,
  out: TypedArray,
): void {
  const { index, box } = tileOf(info, grid, ordinal);
  const count = regionSize(box);
  const run = runOf(box, region);
  if (run >= 0 && lastTile.get(hdu)?.index !== index) {
    decodeAt(file, hdu, info, index, out.subarray(run, run + count));
  } else copyTile(tileAt(file, hdu, info, index, count), box, region, out);
}
