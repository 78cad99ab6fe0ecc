/** Images into tiles: Rice for integers, shuffled gzip for floats, both without loss; row tiles as fpack makes them. */
import { gzipSync } from "node:zlib";
import { FitsError } from "../../errors.js";
import { toBigEndian } from "../bytes.js";
import type { Card } from "../cards.js";
import { describeHdu, type FitsFile, type Hdu } from "../file.js";
import type { TypedArray } from "../image.js";
import { readRows } from "../image.js";
import { toNativeOrder } from "../bytes.js";
import type { TableSpec } from "../structure.js";
import { encodePlio, fitsPlio } from "./plio-encode.js";
import { encodeRice } from "./rice-encode.js";
import { encodeQuantised, type QuantiseOptions } from "./quantise.js";

export type PackAlgorithm = "RICE_1" | "GZIP_1" | "GZIP_2" | "PLIO_1";

export interface PackOptions {
  algorithm: PackAlgorithm;
  /** Floats: null keeps every bit. */
  quantise: QuantiseOptions | null;
}

const blockSize = 32;

/** Byte planes apart, so that gzip finds the exponents side by side. */
function shuffle(bytes: Uint8Array, size: number): Uint8Array {
  const count = bytes.length / size;
  const out = new Uint8Array(bytes.length);
  for (let plane = 0; plane < size; plane++) {
    for (let i = 0; i < count; i++) out[plane * count + i] = bytes[i * size + plane]!;
  }
  return out;
}

function packBytes(bytes: Uint8Array, size: number, algorithm: PackAlgorithm): Uint8Array {
  return gzipSync(algorithm === "GZIP_1" || size === 1 ? bytes : shuffle(bytes, size), { level: 6 });
}

/** 16-bit pixels with BZERO = 32768 are stored unsigned in line lists, which hold no negative numbers. */
function packMask(values: TypedArray, bzero: number, subject: string): Uint8Array {
  const shift = values instanceof Int16Array && bzero === 32768 ? 32768 : 0;
  const pixels = Int32Array.from(values as Int16Array, (value) => value + shift);
  if (!fitsPlio(pixels)) {
    throw new FitsError(`cannot pack: ${subject} — PLIO_1 holds numbers from 0 to 16777215 only`, {
      hint: "iris fits pack --algorithm rice",
    });
  }
  return encodePlio(pixels);
}

function packIntegers(
  values: TypedArray,
  algorithm: PackAlgorithm,
  bzero: number,
  subject: string,
): Uint8Array {
  const size = values.BYTES_PER_ELEMENT;
  if (algorithm === "PLIO_1") return packMask(values, bzero, subject);
  if (algorithm === "RICE_1" && size <= 4)
    return encodeRice(Int32Array.from(values as Int16Array), size, blockSize);
  return packBytes(toBigEndian(values), size, algorithm);
}

interface PackedRow {
  bytes: Uint8Array;
  scale: number;
  zero: number;
}

/** Rice can't take 64-bit integers, nor floats as they are; line lists hold masks only. */
function algorithmFor(bitpix: number, options: PackOptions): PackAlgorithm {
  if (options.algorithm === "PLIO_1") return bitpix < 0 || bitpix === 64 ? "GZIP_2" : "PLIO_1";
  const lossless = bitpix < 0 && options.quantise === null;
  return (lossless || bitpix === 64) && options.algorithm === "RICE_1" ? "GZIP_2" : options.algorithm;
}

const tableOnly = /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|EXTEND|CHECKSUM|DATASUM)$/;

/** The image's own keywords under the names that keep them through the table (FITS 4.0 §10.1.2). */
function tiledCards(hdu: Hdu, algorithm: PackAlgorithm, options: PackOptions): Card[] {
  const { bitpix, axes } = hdu.image!;
  const primary = hdu.index === 0;
  const quantised = bitpix < 0 && options.quantise !== null;
  const sums: Card[] = hdu.header.cards
    .filter(({ keyword }) => keyword === "CHECKSUM" || keyword === "DATASUM")
    .map((card) => ({ ...card, keyword: card.keyword === "CHECKSUM" ? "ZHECKSUM" : "ZDATASUM" }));
  return [
    { keyword: "ZIMAGE", value: true, comment: "this table holds a compressed image" },
    primary
      ? { keyword: "ZSIMPLE", value: true, comment: "it was a primary array" }
      : { keyword: "ZTENSION", value: "IMAGE", comment: "it was an image extension" },
    { keyword: "ZBITPIX", value: bitpix, comment: "BITPIX of the image" },
    { keyword: "ZNAXIS", value: axes.length },
    ...axes.map((value, i) => ({ keyword: `ZNAXIS${i + 1}`, value })),
    ...(primary
      ? [{ keyword: "ZEXTEND", value: true }]
      : [
          { keyword: "ZPCOUNT", value: 0 },
          { keyword: "ZGCOUNT", value: 1 },
        ]),
    ...axes.map((length, i) => ({ keyword: `ZTILE${i + 1}`, value: i === 0 ? length : 1 })),
    { keyword: "ZCMPTYPE", value: algorithm },
    ...(algorithm === "RICE_1"
      ? [
          { keyword: "ZNAME1", value: "BLOCKSIZE" },
          { keyword: "ZVAL1", value: blockSize },
          { keyword: "ZNAME2", value: "BYTEPIX" },
          { keyword: "ZVAL2", value: quantised ? 4 : Math.abs(bitpix) / 8 },
        ]
      : []),
    ...(bitpix < 0 ? [{ keyword: "ZQUANTIZ", value: quantised ? options.quantise!.dither : "NONE" }] : []),
    ...(quantised
      ? [
          ...(options.quantise!.dither === "NO_DITHER"
            ? []
            : [{ keyword: "ZDITHER0", value: options.quantise!.seed }]),
          { keyword: "ZBLANK", value: -2147483647, comment: "stands for NaN" },
        ]
      : []),
    ...sums,
    ...hdu.header.cards.filter(({ keyword }) => !tableOnly.test(keyword)),
  ];
}

/**
 * A plain image as a compressed table: its specification and its bytes.
 *
 * @throws FitsError when the HDU holds no image or its header can't stand in a table.
 */
export function packImage(
  file: FitsFile,
  hdu: Hdu,
  options: PackOptions,
): { spec: TableSpec; bytes: Uint8Array } {
  const { image } = hdu;
  if (!image || hdu.tiles || image.axes.includes(0)) {
    throw new FitsError(`cannot pack: ${describeHdu(file, hdu)} — it holds no plain image`);
  }
  const { bitpix, axes } = image;
  const algorithm = algorithmFor(bitpix, options);
  const quantise = bitpix < 0 ? options.quantise : null;
  const subject = describeHdu(file, hdu);
  const nx = axes[0]!;
  const ny = axes[1] ?? 1;
  const tiles = axes.slice(1).reduce((product, n) => product * n, 1);
  const rows: PackedRow[] = [];
  const fallback: (Uint8Array | null)[] = [];
  for (let tile = 0; tile < tiles; tile++) {
    const raw = new Uint8Array((nx * Math.abs(bitpix)) / 8);
    readRows(file, hdu, Math.floor(tile / ny), tile % ny, 1, raw);
    const values = toNativeOrder(raw, bitpix);
    if (quantise) {
      const coded = encodeQuantised(values as Float32Array, quantise, tile + 1);
      // Rows without noise can't be quantised: they are kept whole.
      fallback.push(coded ? null : packBytes(toBigEndian(values), 1, "GZIP_1"));
      rows.push(
        coded
          ? {
              bytes: packIntegers(coded.integers, algorithm, 0, subject),
              scale: coded.scale,
              zero: coded.zero,
            }
          : { bytes: new Uint8Array(0), scale: 0, zero: 0 },
      );
    } else {
      const size = Math.abs(bitpix) / 8;
      const bytes =
        bitpix < 0
          ? packBytes(toBigEndian(values), size, algorithm)
          : packIntegers(values, algorithm, image.bzero, subject);
      rows.push({ bytes, scale: 0, zero: 0 });
    }
  }
  // Line lists are 16-bit words, and readers want them declared so.
  const code = algorithm === "PLIO_1" ? "I" : "B";
  return assemble(rows, quantise ? fallback : null, tiledCards(hdu, algorithm, options), code);
}

/** Rows of descriptors (and scales), then the heap. */
function assemble(
  rows: readonly PackedRow[],
  fallback: (Uint8Array | null)[] | null,
  cards: Card[],
  code: "B" | "I",
): { spec: TableSpec; bytes: Uint8Array } {
  const all = [
    ...rows.map(({ bytes }) => bytes),
    ...(fallback ?? []).map((bytes) => bytes ?? new Uint8Array(0)),
  ];
  const heap = all.reduce((sum, { length }) => sum + length, 0);
  const wide = heap >= 2 ** 31;
  const descriptor = wide ? 16 : 8;
  const rowBytes = fallback ? 2 * descriptor + 16 : descriptor;
  const out = new Uint8Array(rows.length * rowBytes + heap);
  const view = new DataView(out.buffer);
  let at = 0;
  const unit = code === "I" ? 2 : 1;
  const place = (row: number, bytes: Uint8Array): void => {
    const elements = bytes.length / unit;
    if (wide) {
      view.setBigInt64(row, BigInt(elements));
      view.setBigInt64(row + 8, BigInt(at));
    } else {
      view.setInt32(row, elements);
      view.setInt32(row + 4, bytes.length === 0 ? 0 : at);
    }
    out.set(bytes, rows.length * rowBytes + at);
    at += bytes.length;
  };
  rows.forEach(({ bytes, scale, zero }, i) => {
    place(i * rowBytes, bytes);
    if (!fallback) return;
    place(i * rowBytes + descriptor, fallback[i] ?? new Uint8Array(0));
    view.setFloat64(i * rowBytes + 2 * descriptor, scale);
    view.setFloat64(i * rowBytes + 2 * descriptor + 8, zero);
  });
  const longest = (list: readonly Uint8Array[]): number => Math.max(0, ...list.map(({ length }) => length));
  const form = (list: readonly Uint8Array[]): string =>
    `1${wide ? "Q" : "P"}${code}(${longest(list) / unit})`;
  const spec: TableSpec = {
    type: "bintable",
    rows: rows.length,
    rowBytes,
    heap,
    columns: [
      { name: "COMPRESSED_DATA", tform: form(all.slice(0, rows.length)) },
      ...(fallback
        ? [
            { name: "GZIP_COMPRESSED_DATA", tform: form(all.slice(rows.length)) },
            { name: "ZSCALE", tform: "1D" },
            { name: "ZZERO", tform: "1D" },
          ]
        : []),
    ],
    cards,
  };
  return { spec, bytes: out };
}
