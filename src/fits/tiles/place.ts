/** Tiles decoded into their places in a region's samples. */
import { FitsError } from "../../errors.js";
import { turnSign } from "../bytes.js";
import { describeHdu, type FitsFile, type Hdu } from "../file.js";
import type { TypedArray } from "../typed-array.js";
import { copyTile, regionSize, runOf, tileOf, type Grid, type Region } from "./grid.js";
import type { TileInfo } from "./info.js";
import { readPacked } from "./packed.js";
import { decodeTile, makeArray } from "./tile.js";

interface Kept {
  index: number;
  turn: boolean;
  data: TypedArray;
}

/** The tile decoded last, per HDU: row by row reading of tall tiles decodes each once. */
const lastTile = new WeakMap<Hdu, Kept>();

const isKept = (kept: Kept | undefined, index: number, turn: boolean): kept is Kept =>
  kept?.index === index && kept.turn === turn;

function decodeAt(
  file: FitsFile,
  hdu: Hdu,
  info: TileInfo,
  index: number,
  into: TypedArray,
  turn: boolean,
): void {
  try {
    decodeTile(into, readPacked(file, hdu, info, index), info, index + 1);
    if (turn) turnSign(into);
  } catch (error) {
    if (!(error instanceof FitsError)) throw error;
    throw new FitsError(`cannot decode tile ${index + 1}: ${describeHdu(file, hdu)} — ${error.message}`, {
      cause: error,
    });
  }
}

/** The samples of a tile. @throws FitsError naming file, HDU and tile. */
export function tileAt(
  file: FitsFile,
  hdu: Hdu,
  info: TileInfo,
  index: number,
  count: number,
  turn: boolean,
): TypedArray {
  const kept = lastTile.get(hdu);
  if (isKept(kept, index, turn)) return kept.data;
  const data = makeArray(info.bitpix, count);
  decodeAt(file, hdu, info, index, data, turn);
  lastTile.set(hdu, { index, turn, data });
  return data;
}

/** What is decoded: the tiles of a region, with the top bits of integers as they are or turned over. */
export interface Placing {
  grid: Grid;
  region: Region;
  turn: boolean;
}

/** Decodes tile `ordinal` of a grid into its place in `out`. @throws FitsError naming file, HDU and tile. */
export function placeTile(
  file: FitsFile,
  hdu: Hdu,
  info: TileInfo,
  { grid, region, turn }: Placing,
  ordinal: number,
  out: TypedArray,
): void {
  const { index, box } = tileOf(info, grid, ordinal);
  const count = regionSize(box);
  const run = runOf(box, region);
  if (run >= 0 && !isKept(lastTile.get(hdu), index, turn)) {
    decodeAt(file, hdu, info, index, out.subarray(run, run + count), turn);
  } else copyTile(tileAt(file, hdu, info, index, count, turn), box, region, out);
}
