/** Cells of binary tables: bytes to values, with scaling, unsigned integers, padding of strings. */
import { toNativeOrder } from "./bytes.js";
import type { ColumnInfo, TypeCode } from "./columns.js";
import type { TypedArray } from "./typed-array.js";

/** Elements of one or many cells. Bits are 0/1 bytes; complex numbers are pairs (re, im). */
export type ColumnData = TypedArray | string[] | (boolean | null)[];

const bitpixOf: Partial<Record<TypeCode, number>> = {
  B: 8,
  I: 16,
  J: 32,
  K: 64,
  E: -32,
  D: -64,
  C: -32,
  M: -64,
};

/** A character string ends at its first NUL; blanks at its end mean nothing (§7.3.3.1). */
export function decodeString(bytes: Uint8Array, at: number, width: number): string {
  const end = bytes.subarray(at, at + width).indexOf(0);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, end < 0 ? width : end).toString("latin1");
  return text.trimEnd();
}

function decodeLogical(bytes: Uint8Array): (boolean | null)[] {
  return Array.from(bytes, (code) => (code === 84 ? true : code === 70 ? false : null));
}

/** `perCell` bits start on a byte boundary, most significant bit first (§7.3.3.1). */
function decodeBits(bytes: Uint8Array, perCell: number, cells: number): Uint8Array {
  const bits = new Uint8Array(perCell * cells);
  const width = Math.ceil(perCell / 8);
  for (let cell = 0; cell < cells; cell++) {
    for (let k = 0; k < perCell; k++) {
      bits[cell * perCell + k] = (bytes[cell * width + (k >> 3)]! >> (7 - (k & 7))) & 1;
    }
  }
  return bits;
}

const topBit: Partial<Record<TypeCode, bigint>> = { B: -128n, I: 2n ** 15n, J: 2n ** 31n, K: 2n ** 63n };

/** Does TZERO only shift between signed and unsigned (§7.3.2, table 19)? */
const isShifted = (column: ColumnInfo): boolean =>
  column.tscal === 1 && topBit[column.code] !== undefined && topBit[column.code] === toBigInt(column.tzero);

const toBigInt = (value: number | bigint): bigint | null =>
  typeof value === "bigint" ? value : Number.isInteger(value) ? BigInt(value) : null;

function scale(raw: TypedArray, column: ColumnInfo): TypedArray {
  const { tscal, tnull } = column;
  if (isShifted(column)) return shift(raw);
  if (tscal === 1 && Number(column.tzero) === 0) return raw;
  const tzero = Number(column.tzero);
  const out = new Float64Array(raw.length);
  for (let i = 0; i < out.length; i++) {
    const value = raw[i]!;
    // eslint-disable-next-line eqeqeq -- TNULL may be a number where the column holds bigints
    out[i] = tnull !== null && value == tnull ? NaN : Number(value) * tscal + tzero;
  }
  return out;
}

function shift(raw: TypedArray): TypedArray {
  const bytes = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  const size = raw.BYTES_PER_ELEMENT;
  for (let i = size - 1; i < bytes.length; i += size) bytes[i] = bytes[i]! ^ 0x80;
  if (raw instanceof Uint8Array) return new Int8Array(raw.buffer, raw.byteOffset, raw.length);
  if (raw instanceof Int16Array) return new Uint16Array(raw.buffer, raw.byteOffset, raw.length);
  if (raw instanceof Int32Array) return new Uint32Array(raw.buffer, raw.byteOffset, raw.length);
  return new BigUint64Array(raw.buffer, raw.byteOffset, raw.length);
}

/**
 * Values of `cells` cells of `perCell` elements from their packed bytes (aligned, and given away: decoding may
 * work in place).
 */
export function decodeCells(
  bytes: Uint8Array,
  column: ColumnInfo,
  perCell: number,
  cells: number,
): ColumnData {
  const { code } = column;
  if (code === "L") return decodeLogical(bytes);
  if (code === "X") return decodeBits(bytes, perCell, cells);
  if (code === "A") {
    const width = column.stringWidth ?? perCell;
    const each = width === 0 ? 0 : Math.floor(perCell / width);
    const strings: string[] = [];
    for (let cell = 0; cell < cells && each > 0; cell++) {
      for (let k = 0; k < each; k++) strings.push(decodeString(bytes, cell * perCell + k * width, width));
    }
    return strings;
  }
  const raw = toNativeOrder(bytes, bitpixOf[code]!);
  return code === "C" || code === "M" ? raw : scale(raw, column);
}
