/** The heap of a binary table: where it lies, and how its descriptors are read (FITS 4.0 §7.3.5). */
import type { Hdu } from "./file.js";
import { getValue } from "./header.js";

export interface Heap {
  start: number;
  size: number;
}

export function heapOf(hdu: Hdu): Heap {
  const { rowBytes, rows } = hdu.table!;
  const theap = getValue(hdu.stored, "THEAP");
  const offset = typeof theap === "number" && theap >= rowBytes * rows ? theap : rowBytes * rows;
  return { start: hdu.dataStart + offset, size: Math.max(0, hdu.dataSize - offset) };
}

/** Bytes that a descriptor takes. */
export const descriptorBytes = { P: 8, Q: 16 } as const;

/** Number and heap offset of a variable-length cell. */
export function readDescriptor(view: DataView, at: number, descriptor: "P" | "Q"): [number, number] {
  if (descriptor === "P") return [view.getInt32(at), view.getInt32(at + 4)];
  return [Number(view.getBigInt64(at)), Number(view.getBigInt64(at + 8))];
}

export function writeDescriptor(
  view: DataView,
  at: number,
  descriptor: "P" | "Q",
  count: number,
  offset: number,
): void {
  if (descriptor === "Q") {
    view.setBigInt64(at, BigInt(count));
    view.setBigInt64(at + 8, BigInt(offset));
  } else {
    view.setInt32(at, count);
    view.setInt32(at + 4, offset);
  }
}
