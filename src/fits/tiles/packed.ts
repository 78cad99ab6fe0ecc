/** Rows of a tile-compressed image's table: where a tile's bytes lie, and how its numbers are scaled. */
import { FitsError } from "../../errors.js";
import { bytesOf, type ColumnInfo } from "../columns.js";
import type { FitsFile, Hdu } from "../file.js";
import { heapOf, readDescriptor, type Heap } from "../heap.js";
import type { TileInfo } from "./info.js";
import type { PackedTile } from "./tile.js";

/** Tiles are read one after the other as a rule, and lie so. */
const ahead = 2 ** 18;

/** A part of the file kept in memory. */
interface Window {
  start: number;
  bytes: Uint8Array;
}

interface Windows {
  rows: Window;
  cells: Window;
  /** The header is searched for it once. */
  heap: Heap;
}

const nothing = (): Window => ({ start: 0, bytes: new Uint8Array(0) });

/** Lives as long as the HDU's description, that is, as its open file. */
const windowsOf = new WeakMap<Hdu, Windows>();

/** Bytes of the file by way of a window, which moves on when it doesn't hold them. */
function bytesAt(file: FitsFile, window: Window, start: number, size: number, end: number): Uint8Array {
  let from = start - window.start;
  if (from < 0 || from + size > window.bytes.length) {
    if (start + size > file.size)
      throw new FitsError(`its data end at byte ${start + size}, the file at byte ${file.size}`);
    const room = Math.max(size, Math.min(ahead, Math.min(end, file.size) - start));
    if (window.bytes.length !== room) window.bytes = new Uint8Array(room);
    window.start = start;
    file.readBytes(start, window.bytes);
    from = 0;
  }
  return window.bytes.subarray(from, from + size);
}

function cellBytes(
  file: FitsFile,
  heap: Heap,
  window: Window,
  row: DataView,
  column: ColumnInfo,
): Uint8Array {
  if (!column.descriptor) {
    return new Uint8Array(row.buffer, row.byteOffset + column.offset, column.width);
  }
  const [count, offset] = readDescriptor(row, column.offset, column.descriptor);
  const size = bytesOf(column.code, count);
  if (count < 0 || offset < 0 || (size > 0 && offset + size > heap.size)) {
    throw new FitsError(`${column.name}: ${size} bytes at ${offset} of a heap of ${heap.size}`);
  }
  if (size === 0) return new Uint8Array(0);
  return bytesAt(file, window, heap.start + offset, size, heap.start + heap.size);
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

/** Tile `index`, counted from 0. Its bytes hold until the next call. @throws FitsError when they lie outside. */
export function readPacked(file: FitsFile, hdu: Hdu, info: TileInfo, index: number): PackedTile {
  const { columns } = info;
  const rowBytes = hdu.table!.rowBytes;
  let windows = windowsOf.get(hdu);
  if (!windows) windowsOf.set(hdu, (windows = { rows: nothing(), cells: nothing(), heap: heapOf(hdu) }));
  const { heap } = windows;
  const rowsEnd = hdu.dataStart + hdu.table!.rows * rowBytes;
  const bytes = bytesAt(file, windows.rows, hdu.dataStart + index * rowBytes, rowBytes, rowsEnd);
  const row = new DataView(bytes.buffer, bytes.byteOffset, rowBytes);
  const sources = ["COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"] as const;
  for (const from of sources) {
    const column = columns[from];
    if (!column) continue;
    const packed = cellBytes(file, heap, windows.cells, row, column);
    if (packed.length === 0) continue;
    const { NULL_PIXEL_MASK } = columns;
    const mask = NULL_PIXEL_MASK ? cellBytes(file, heap, nothing(), row, NULL_PIXEL_MASK) : null;
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
