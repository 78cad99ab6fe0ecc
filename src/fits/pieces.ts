/** Files put together from finished pieces: HDUs copied as they stand, or made anew. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { OutputError } from "../errors.js";
import type { Card } from "./cards.js";
import { addDatasum, datasum, encodeChecksum } from "./checksum.js";
import { checkExtent, type FitsFile, type Hdu } from "./file.js";
import { blockLength, formatHeader, padded } from "./header.js";
import { readHeader } from "./edit.js";
import { writeFully } from "./io.js";
import { freeCards, structureCards, sumCards, type HduSpec } from "./structure.js";

/** An HDU's bytes in order, whole blocks. */
export type Piece = Iterable<Uint8Array>;

/** An HDU as it stands in its file, header and data; what the fill lacks is added. */
export function* copiedHdu(file: FitsFile, hdu: Hdu): Piece {
  checkExtent(file, hdu, hdu.dataSize);
  yield readHeader(file, hdu);
  const end = hdu.dataStart + hdu.dataSize;
  for (let at = hdu.dataStart; at < end; at += 256 * blockLength) {
    const part = new Uint8Array(Math.min(256 * blockLength, end - at));
    file.readBytes(at, part);
    yield part;
  }
  yield fill(hdu.dataSize, hdu.type === "table" ? 32 : 0);
}

const fill = (size: number, byte = 0): Uint8Array => new Uint8Array(padded(size) - size).fill(byte);

/** An HDU from its specification and its data, with its sums. */
export function* madeHdu(spec: HduSpec, data: Uint8Array, primary: boolean): Piece {
  const cards = [...structureCards(spec, primary), ...freeCards(spec.cards, spec)];
  const sum = datasum(data);
  const draft = formatHeader([...cards, ...sumCards("0".repeat(16), sum)]);
  yield formatHeader([...cards, ...sumCards(encodeChecksum(addDatasum(datasum(draft), sum)), sum)]);
  yield data;
  yield fill(data.length);
}

/** A primary without data, for files that begin with an extension. */
export const emptyPrimary = (cards: Card[] = []): Piece =>
  madeHdu({ bitpix: 8, axes: [], cards }, new Uint8Array(0), true);

/** Writes pieces through a temporary file. @throws OutputError when that fails; nothing is left then. */
export function writePieces(path: string, pieces: Iterable<Piece>): void {
  const tmp = `${path}.tmp-${process.pid}`;
  let fd: number | null = null;
  try {
    fd = openSync(tmp, "w");
    for (const piece of pieces) {
      for (const bytes of piece) writeFully(fd, bytes);
    }
    fsyncSync(fd);
    closeSync(fd);
    fd = null;
    renameSync(tmp, path);
  } catch (error) {
    if (fd !== null) closeSync(fd);
    rmSync(tmp, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || code.startsWith("E_")) throw error;
    throw new OutputError(`cannot write: ${path} — ${message}`, { cause: error });
  }
}
