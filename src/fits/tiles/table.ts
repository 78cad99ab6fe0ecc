/** Tile-compressed tables: columns packed one by one in blocks of rows (FITS 4.0 §10.3). */
import { gunzipSync } from "node:zlib";
import { FitsError } from "../../errors.js";
import { inMemory } from "../../kernels/memory.js";
import { toBigEndian } from "../bytes.js";
import type { Card } from "../cards.js";
import { bytesOf, elementBytes, parseTform, type Tform } from "../columns.js";
import { describeHdu, type FitsFile, type Hdu } from "../file.js";
import { getValue } from "../header.js";
import { descriptorBytes, heapOf, readDescriptor, writeDescriptor } from "../heap.js";
import type { TableSpec } from "../structure.js";
import { unpackRice } from "./rice.js";
import { unshuffle } from "./shuffle.js";

interface PackedColumn {
  form: Tform;
  /** Bytes of a cell in the unpacked row. */
  width: number;
  algorithm: string;
  /** Byte of the descriptor in the row of the packed table. */
  descriptorAt: number;
  descriptor: "P" | "Q";
}

export const isPackedTable = (hdu: Hdu): boolean => getValue(hdu.header, "ZTABLE") === true;

function packedColumns(hdu: Hdu): PackedColumn[] {
  let at = 0;
  return Array.from({ length: Number(getValue(hdu.header, "TFIELDS")) }, (_, i) => {
    const zform = String(getValue(hdu.header, `ZFORM${i + 1}`) ?? "");
    const tform = parseTform(String(getValue(hdu.header, `TFORM${i + 1}`) ?? ""));
    const form = parseTform(zform);
    if (!form || !tform?.descriptor)
      throw new FitsError(`ZFORM${i + 1} = ${JSON.stringify(zform)} — not a column format`);
    const column: PackedColumn = {
      form,
      width: form.descriptor
        ? form.repeat * descriptorBytes[form.descriptor]
        : bytesOf(form.code, form.repeat),
      algorithm: String(getValue(hdu.header, `ZCTYP${i + 1}`) ?? "GZIP_2").trim(),
      descriptorAt: at,
      descriptor: tform.descriptor,
    };
    at += descriptorBytes[tform.descriptor];
    return column;
  });
}

const inflate = (packed: Uint8Array, length: number): Uint8Array =>
  gunzipSync(packed, { maxOutputLength: Math.max(1, length) });

/** Elements of one kind from their packed bytes, `length` bytes of them. */
function decodeElements(packed: Uint8Array, { form, algorithm }: PackedColumn, length: number): Uint8Array {
  const size = elementBytes[form.code];
  let plain: Uint8Array;
  if (algorithm === "NOCOMPRESS") plain = packed;
  else if (algorithm === "RICE_1")
    plain = inMemory(() => toBigEndian(unpackRice(packed, length / size, size, 32)));
  else {
    const inflated = inflate(packed, length);
    // fpack, the only writer, says GZIP_2 of complex numbers and leaves their bytes in place.
    const complex = form.code === "C" || form.code === "M";
    plain = algorithm === "GZIP_2" && !complex ? unshuffle(inflated, size) : inflated;
  }
  if (plain.length !== length) throw new FitsError(`${plain.length} bytes where ${length} are expected`);
  return plain;
}

const renamed = /^Z(FORM|BITPIX|NAXIS\d?|PCOUNT|GCOUNT|HEAPPTR)(\d*)$/;

function unpackedSpec(hdu: Hdu, columns: readonly PackedColumn[], rows: number, rowBytes: number): TableSpec {
  const text = (keyword: string): string | undefined => {
    const value = getValue(hdu.header, keyword);
    return typeof value === "string" ? value : undefined;
  };
  const rest: Card[] = hdu.header.cards.filter(
    ({ keyword }) =>
      !renamed.test(keyword) && !/^(ZTABLE|ZTILELEN|ZCTYP\d+|ZBLOCKED|ZHECKSUM|ZDATASUM)$/.test(keyword),
  );
  const specs = columns.map((_, i) => {
    const n = i + 1;
    const unit = text(`TUNIT${n}`);
    return {
      name: text(`TTYPE${n}`) ?? `col${n}`,
      tform: text(`ZFORM${n}`)!,
      ...(unit === undefined ? {} : { unit }),
    };
  });
  // Scaling, dimensions and display of columns keep their cards; names, formats and units are made anew.
  const kept = rest.filter(({ keyword }) => /^(TZERO|TSCAL|TNULL|TDIM|TDISP)\d+$/.test(keyword));
  const others = rest.filter((card) => !kept.includes(card));
  return { type: "bintable", rows, rowBytes, columns: specs, cards: others, extra: kept };
}

/** Cells of variable-length columns as they are unpacked: the heap of the new table. */
class NewHeap {
  readonly parts: Uint8Array[] = [];
  size = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws FitsError before more is taken than packed bytes can hold. */
  claim(size: number): void {
    if (size < 0 || this.size + size > this.#most)
      throw new FitsError(`${this.size + size} bytes of cells are declared`);
  }

  add(bytes: Uint8Array): number {
    this.parts.push(bytes);
    this.size += bytes.length;
    return this.size - bytes.length;
  }
}

/** Bytes of the packed table's own heap. @throws FitsError when they lie outside. */
type FromHeap = (size: number, at: number) => Uint8Array;

/**
 * Variable-length cells of a block of rows: `packed` holds the descriptors that the cells had before, then those (Q) of
 * the packed cells, as cfitsio writes them (§10.3.6).
 */
function decodeVariable(
  packed: Uint8Array,
  column: PackedColumn,
  rows: number,
  fromHeap: FromHeap,
  heap: NewHeap,
): Uint8Array {
  const { form, width } = column;
  const kind = form.descriptor!;
  const plain = inflate(packed, rows * (16 + width));
  if (plain.length !== rows * (16 + width))
    throw new FitsError(`${plain.length} bytes of descriptors for ${rows} rows`);
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const out = new Uint8Array(rows * width);
  const cells = new DataView(out.buffer);
  for (let row = 0; row < rows && width > 0; row++) {
    const [size, at] = readDescriptor(view, width * rows + 16 * row, "Q");
    const [count] = readDescriptor(view, width * row, kind);
    const length = bytesOf(form.code, count);
    heap.claim(length);
    // A cell that packing would have made longer is stored as it is.
    const bytes = count === 0 ? new Uint8Array(0) : fromHeap(size, at);
    const cell = bytes.length === length ? bytes : decodeElements(bytes, column, length);
    writeDescriptor(cells, row * width, kind, count, heap.add(cell));
  }
  return out;
}

/**
 * A packed table as a plain one: its specification and its bytes, rows and heap.
 *
 * @throws FitsError naming file, HDU and column when one can't be unpacked.
 */
export function unpackTable(file: FitsFile, hdu: Hdu): { spec: TableSpec; bytes: Uint8Array } {
  const rows = Number(getValue(hdu.header, "ZNAXIS2"));
  const tileRows = Number(getValue(hdu.header, "ZTILELEN") ?? rows);
  const columns = packedColumns(hdu);
  const rowBytes = columns.reduce((sum, { width }) => sum + width, 0);
  const { start, size: heapSize } = heapOf(hdu);
  const packedRowBytes = hdu.table!.rowBytes;
  const subject = describeHdu(file, hdu);
  const stored = Math.max(0, Math.min(hdu.dataSize, file.size - hdu.dataStart));
  // Deflate expands 1032 times at most.
  const most = (stored + 64) * 1100;
  if (!(rows >= 0 && rows * rowBytes <= most) || !(tileRows > 0 || rows === 0)) {
    throw new FitsError(`cannot unpack: ${subject} — ${rows} rows of ${rowBytes} bytes are declared`);
  }
  const described = columns.at(-1);
  if (described && described.descriptorAt + descriptorBytes[described.descriptor] > packedRowBytes) {
    throw new FitsError(
      `cannot unpack: ${subject} — NAXIS1 = ${packedRowBytes} is too small for its columns`,
    );
  }
  const fromHeap: FromHeap = (size, at) => {
    if (size < 0 || at < 0 || at + size > heapSize || start + at + size > file.size) {
      throw new FitsError(`${size} bytes at ${at} of a heap of ${heapSize}`);
    }
    const bytes = new Uint8Array(size);
    if (size > 0) file.readBytes(start + at, bytes);
    return bytes;
  };
  const heap = new NewHeap(most);
  let table = new Uint8Array(rows * rowBytes);
  const packedRow = new Uint8Array(packedRowBytes);
  const view = new DataView(packedRow.buffer);
  for (let first = 0, tile = 0; first < rows; first += tileRows, tile++) {
    file.readBytes(hdu.dataStart + tile * packedRowBytes, packedRow);
    const count = Math.min(tileRows, rows - first);
    let offset = 0;
    columns.forEach((column, i) => {
      const { width, form } = column;
      try {
        const packed = fromHeap(...readDescriptor(view, column.descriptorAt, column.descriptor));
        const plain = form.descriptor
          ? decodeVariable(packed, column, count, fromHeap, heap)
          : decodeElements(packed, column, count * width);
        for (let row = 0; row < count; row++) {
          table.set(plain.subarray(row * width, (row + 1) * width), (first + row) * rowBytes + offset);
        }
      } catch (cause) {
        const why = cause instanceof FitsError ? cause.message : `its ${column.algorithm} data are damaged`;
        throw new FitsError(`cannot unpack column ${i + 1}: ${subject} — ${why}`, { cause });
      }
      offset += width;
    });
  }
  const spec = { ...unpackedSpec(hdu, columns, rows, rowBytes), heap: heap.size };
  if (heap.size > 0) {
    const fixed = table;
    table = new Uint8Array(fixed.length + heap.size);
    table.set(fixed);
    let at = fixed.length;
    for (const part of heap.parts) {
      table.set(part, at);
      at += part.length;
    }
  }
  return { spec, bytes: table };
}
