/** The picture beside a product: its blocks are averaged where the bands are made, drawn when all are there. */
import { renameSync, writeFileSync } from "node:fs";
import type { Image } from "../data/kinds.js";
import { sumRows, type Grid, type Piece } from "../report/blocks.js";
import type { Quicklook } from "../report/quicklook.js";
import type { Band } from "./bands.js";

/** What the rows of `band` add to the picture; `image` holds the rows `read`. */
export function pieceOf(grid: Grid, image: Image, read: Band, band: Band): Piece {
  const first = (band.y0 - read.y0) * image.nx;
  const end = first + band.ny * image.nx;
  return sumRows(grid, band.y0, band.ny, image.sci.subarray(first, end), image.dq.subarray(first, end));
}

/** Writes through a temporary file: a picture is whole or isn't there. */
export function writeQuicklook(look: Quicklook, path: string): void {
  const temporary = `${path}.tmp-${process.pid}`;
  writeFileSync(temporary, look.png());
  renameSync(temporary, path);
}
