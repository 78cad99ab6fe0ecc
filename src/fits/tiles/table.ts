/** Tile-compressed tables: columns packed one by one in blocks of rows (FITS 4.0 §10.3). */
import { gunzipSync } from "node:zlib";
import { FitsError } from "../../errors.js";
import type { Card } from "../cards.js";
import { bytesOf, elementBytes, parseTform, type Tform } from "../columns.js";
import { describeHdu, type FitsFile, type Hdu } from "../file.js";
import { getValue } from "../header.js";
import { madeHdu, type Piece } from "../pieces.js";
import type { TableSpec } from "../structure.js";
import { heapOf, readDescriptor } from "../table.js";
import { unpackRice } from "./rice.js";

interface PackedColumn {
  form: Tform;
  width: number;
  algorithm: string;
  /** Byte of the descriptor in the row of the packed table. */
  descriptorAt: number;
  descriptor: "P" | "Q";
}

function packedColumns(hdu: Hdu): PackedColumn[] {
  let at = 0;
  return Array.from({ length: Number(getValue(hdu.header, "TFIELDS")) }, (_, i) => {
    const zform = String(getValue(hdu.header, `ZFORM${i + 1}`) ?? "");
    const tform = parseTform(String(getValue(hdu.header, `TFORM${i + 1}`) ?? ""));
    const form = parseTform(zform);
    if (!form || !tform?.descriptor)
      throw new FitsError(`ZFORM${i + 1} = ${JSON.stringify(zform)} — not a column format`);
    if (form.descriptor)
      throw new FitsError(`ZFORM${i + 1} = ${zform} — packed variable-length columns aren't supported`);
    const algorithm = String(getValue(hdu.header, `ZCTYP${i + 1}`) ?? "GZIP_2").trim();
    const column = {
      form,
      width: bytesOf(form.code, form.repeat),
      algorithm,
      descriptorAt: at,
      descriptor: tform.descriptor,
    };
    at += tform.descriptor === "P" ? 8 : 16;
    return column;
  });
}

function unshuffle(bytes: Uint8Array, size: number): Uint8Array {
  const count = bytes.length / size;
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < size; k++) for (let i = 0; i < count; i++) out[i * size + k] = bytes[k * count + i]!;
  return out;
}

function decodeColumn(packed: Uint8Array, column: PackedColumn, rows: number): Uint8Array {
  const { form, width, algorithm } = column;
  const length = rows * width;
  const size = form.code === "C" ? 4 : form.code === "M" ? 8 : elementBytes[form.code];
  if (algorithm === "RICE_1") {
    const values = unpackRice(packed, length / size, size, 32);
    const out = new Uint8Array(length);
    const view = new DataView(out.buffer);
    for (let i = 0; i < values.length; i++) {
      if (size === 4) view.setInt32(4 * i, values[i]!);
      else if (size === 2) view.setInt16(2 * i, values[i]!);
      else out[i] = values[i]!;
    }
    return out;
  }
  if (algorithm === "NOCOMPRESS") return packed;
  const plain = gunzipSync(packed, { maxOutputLength: Math.max(1, length) });
  const shuffled = algorithm === "GZIP_2" && size > 1;
  return shuffled ? unshuffle(plain, size) : plain;
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

/** A packed table as a plain one. @throws FitsError when a column can't be unpacked. */
export function unpackTable(file: FitsFile, hdu: Hdu): Piece {
  const rows = Number(getValue(hdu.header, "ZNAXIS2"));
  const tileRows = Number(getValue(hdu.header, "ZTILELEN") ?? rows);
  const columns = packedColumns(hdu);
  const rowBytes = columns.reduce((sum, { width }) => sum + width, 0);
  const heap = heapOf(hdu);
  const packedRowBytes = hdu.table!.rowBytes;
  // Deflate expands 1032 times at most.
  if (!(rows * rowBytes <= (hdu.dataSize + 64) * 1100) || !(tileRows > 0)) {
    throw new FitsError(
      `cannot unpack: ${describeHdu(file, hdu)} — ${rows} rows of ${rowBytes} bytes are declared`,
    );
  }
  const out = new Uint8Array(rows * rowBytes);
  for (let tile = 0; tile * tileRows < rows; tile++) {
    const bytes = new Uint8Array(packedRowBytes);
    file.readBytes(hdu.dataStart + tile * packedRowBytes, bytes);
    const view = new DataView(bytes.buffer);
    const first = tile * tileRows;
    const count = Math.min(tileRows, rows - first);
    let offset = 0;
    columns.forEach((column, i) => {
      const [size, at] = readDescriptor(view, column.descriptorAt, column.descriptor);
      if (size < 0 || at < 0 || at + size > heap.size) {
        throw new FitsError(
          `cannot unpack column ${i + 1}: ${describeHdu(file, hdu)} — ${size} bytes at ${at} of a heap of ${heap.size}`,
        );
      }
      const packed = new Uint8Array(size);
      file.readBytes(heap.start + at, packed);
      let plain: Uint8Array;
      try {
        plain = decodeColumn(packed, column, count);
      } catch (cause) {
        throw new FitsError(
          `cannot unpack column ${i + 1}: ${describeHdu(file, hdu)} — its ${column.algorithm} data are damaged`,
          { cause },
        );
      }
      for (let row = 0; row < count; row++) {
        out.set(
          plain.subarray(row * column.width, (row + 1) * column.width),
          (first + row) * rowBytes + offset,
        );
      }
      offset += column.width;
    });
  }
  return madeHdu(unpackedSpec(hdu, columns, rows, rowBytes), out, false);
}
