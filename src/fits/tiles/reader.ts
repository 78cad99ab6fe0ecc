/** Regions of tile-compressed images: only the tiles that they touch are read and decoded. */
import { FitsError } from "../../errors.js";
import type { ColumnInfo } from "../columns.js";
import { describeHdu, type FitsFile, type Hdu } from "../file.js";
import type { TypedArray } from "../image.js";
import { heapOf, readDescriptor } from "../table.js";
import { bytesOf } from "../columns.js";
import type { TileInfo } from "./info.js";
import { decodeTile, makeArray, type PackedTile } from "./tile.js";

/** Half-open ranges per axis, FITS order. */
export type Region = readonly (readonly [from: number, to: number])[];

/** More than this no algorithm expands: anything beyond is a header that lies. */
const mostExpansion: Readonly<Record<TileInfo["algorithm"], number>> = {
  RICE_1: 2048,
  GZIP_1: 1100,
  GZIP_2: 1100,
  PLIO_1: 17000,
  HCOMPRESS_1: 65536,
  NOCOMPRESS: 16,
};

const regionSize = (region: Region): number =>
  region.reduce((product, [from, to]) => product * (to - from), 1);

function cellBytes(file: FitsFile, hdu: Hdu, row: DataView, column: ColumnInfo): Uint8Array {
  if (!column.descriptor) {
    return new Uint8Array(row.buffer, row.byteOffset + column.offset, column.width);
  }
  const heap = heapOf(hdu);
  const [count, offset] = readDescriptor(row, column.offset, column.descriptor);
  const size = bytesOf(column.code, count);
  if (count < 0 || offset < 0 || (size > 0 && offset + size > heap.size)) {
    throw new FitsError(`${column.name}: ${size} bytes at ${offset} of a heap of ${heap.size}`);
  }
  const bytes = new Uint8Array(size);
  if (size > 0) file.readBytes(heap.start + offset, bytes);
  return bytes;
}

function scalar(row: DataView, column: ColumnInfo | undefined): number | null {
  if (!column) return null;
  switch (column.code) {
    case "D":
      return row.getFloat64(column.offset);
    case "E":
      return row.getFloat32(column.offset);
    case "J":
      return row.getInt32(column.offset);
    case "I":
      return row.getInt16(column.offset);
    default:
      throw new FitsError(`${column.name}: TFORM ${column.tform} — a number is needed`);
  }
}

function readPacked(file: FitsFile, hdu: Hdu, info: TileInfo, index: number): PackedTile {
  const { columns } = info;
  const rowBytes = hdu.table!.rowBytes;
  const bytes = new Uint8Array(rowBytes);
  file.readBytes(hdu.dataStart + index * rowBytes, bytes);
  const row = new DataView(bytes.buffer);
  const sources = ["COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"] as const;
  for (const from of sources) {
    const column = columns[from];
    if (!column) continue;
    const packed = cellBytes(file, hdu, row, column);
    if (packed.length === 0) continue;
    const mask = columns.NULL_PIXEL_MASK ? cellBytes(file, hdu, row, columns.NULL_PIXEL_MASK) : null;
    return {
      from,
      bytes: packed,
      scale: scalar(row, columns.ZSCALE) ?? info.zscale,
      zero: scalar(row, columns.ZZERO) ?? info.zzero,
      blank: scalar(row, columns.ZBLANK) ?? info.zblank,
      mask: mask && mask.length > 0 ? mask : null,
    };
  }
  throw new FitsError("it holds no data");
}

/** Copies the part of a tile that lies in the region, run by run along x. */
function copyTile(tile: TypedArray, box: Region, region: Region, out: TypedArray): void {
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

interface Kept {
  index: number;
  data: TypedArray;
}

/** The tile decoded last, per HDU: row by row reading of tall tiles decodes each once. */
const lastTile = new WeakMap<Hdu, Kept>();

function tileAt(file: FitsFile, hdu: Hdu, info: TileInfo, index: number, count: number): TypedArray {
  const kept = lastTile.get(hdu);
  if (kept?.index === index) return kept.data;
  try {
    const data = decodeTile(readPacked(file, hdu, info, index), info, count, index + 1);
    lastTile.set(hdu, { index, data });
    return data;
  } catch (error) {
    if (!(error instanceof FitsError)) throw error;
    throw new FitsError(`cannot decode tile ${index + 1}: ${describeHdu(file, hdu)} — ${error.message}`, {
      cause: error,
    });
  }
}

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

/** Samples of a region in native byte order, x fastest. */
export function readRegion(file: FitsFile, hdu: Hdu, info: TileInfo, region: Region): TypedArray {
  checkExpansion(file, hdu, info);
  const { axes, tile, counts, bitpix } = info;
  const out = makeArray(bitpix, regionSize(region));
  if (out.length === 0) return out;
  const first = region.map(([from], i) => Math.floor(from / tile[i]!));
  const last = region.map(([, to], i) => Math.floor((to - 1) / tile[i]!));
  const at = [...first];
  for (;;) {
    let index = 0;
    for (let axis = axes.length - 1; axis >= 0; axis--) index = index * counts[axis]! + at[axis]!;
    const box = at.map((n, i): [number, number] => [n * tile[i]!, Math.min((n + 1) * tile[i]!, axes[i]!)]);
    copyTile(tileAt(file, hdu, info, index, regionSize(box)), box, region, out);
    let axis = 0;
    while (axis < axes.length && ++at[axis]! > last[axis]!) {
      at[axis] = first[axis]!;
      axis++;
    }
    if (axis >= axes.length) return out;
  }
}
