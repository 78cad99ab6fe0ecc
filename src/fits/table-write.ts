/** Binary tables from arrays: what `writeFits` and the engine put into a table HDU (FITS 4.0 §7.3). */
import { FitsError } from "../errors.js";
import { toBigEndian } from "./bytes.js";
import type { Card } from "./cards.js";
import { writeDescriptor } from "./heap.js";
import type { TypedArray } from "./typed-array.js";
import type { ColumnSpec, TableSpec } from "./structure.js";

/** One column by its values; the row count follows from their number. */
export interface ColumnContent {
  name: string;
  unit?: string;
  /**
   * All elements, row after row; an array of typed arrays makes a variable-length column. Unsigned types get TZERO.
   */
  data: TypedArray | readonly string[] | readonly (boolean | null)[] | readonly TypedArray[];
  /** Cell shape, C order; a scalar when absent. */
  shape?: number[];
  /** The elements are pairs (re, im) of a float array. */
  complex?: boolean;
  /** The elements of a Uint8Array are bits, 0 or 1. */
  bits?: boolean;
  /** Physical numbers that are stored as integers: value = scale · integer + zero; NaN needs `null`. */
  scaled?: ColumnScaling;
}

export interface ColumnScaling {
  /** Stored as 8 (unsigned), 16, 32 or 64 bits. */
  bits: 8 | 16 | 32 | 64;
  scale: number;
  zero?: number;
  /** TNULL: the integer that stands for NaN. */
  null?: number;
}

export interface TableContent {
  type: "bintable";
  name?: string;
  version?: number;
  cards?: Card[];
  columns: ColumnContent[];
}

interface Packed {
  spec: ColumnSpec;
  rows: number;
  width: number;
  bytes: Uint8Array;
  /** Bytes for the heap, whose offsets in `bytes` count from this column's part. */
  heap: Uint8Array | null;
}

const product = (axes: readonly number[]): number => axes.reduce((all, n) => all * n, 1);

const topBits: Record<number, number | bigint> = { 2: 32768, 4: 2147483648, 8: 2n ** 63n };

function codeOf(data: TypedArray): { code: string; tzero?: number | bigint } {
  if (data instanceof Uint8Array) return { code: "B" };
  if (data instanceof Int8Array) return { code: "B", tzero: -128 };
  if (data instanceof Float32Array) return { code: "E" };
  if (data instanceof Float64Array) return { code: "D" };
  const size = data.BYTES_PER_ELEMENT;
  const code = size === 2 ? "I" : size === 4 ? "J" : "K";
  const unsigned =
    data instanceof Uint16Array || data instanceof Uint32Array || data instanceof BigUint64Array;
  return unsigned ? { code, tzero: topBits[size]! } : { code };
}

function packNumbers(data: TypedArray): Uint8Array {
  const bytes = toBigEndian(data);
  if (codeOf(data).tzero === undefined) return bytes;
  for (let i = 0; i < bytes.length; i += data.BYTES_PER_ELEMENT) bytes[i] = bytes[i]! ^ 0x80;
  return bytes;
}

function described(
  { name, unit, shape }: ColumnContent,
  tform: string,
  tzero?: number | bigint,
  dim = shape,
): ColumnSpec {
  return {
    name,
    tform,
    ...(unit === undefined ? {} : { unit }),
    ...(tzero === undefined ? {} : { tzero }),
    ...(dim && dim.length > 1 ? { dim: [...dim].reverse() } : {}),
  };
}

/** Integers that stand for physical values. @throws FitsError for a value that the type can't hold. */
function storedIntegers(name: string, values: TypedArray, scaling: ColumnScaling): TypedArray {
  const { bits, scale, zero = 0 } = scaling;
  const low = bits === 8 ? 0 : -(2 ** (bits - 1));
  const high = bits === 8 ? 255 : 2 ** (bits - 1) - 1;
  const integers = Float64Array.from(values as Float64Array, (value) => {
    const stored = Math.round((Number(value) - zero) / scale);
    const held = Number.isNaN(stored) ? scaling.null : stored;
    if (held !== undefined && held >= low && held <= high && (bits < 64 || Number.isSafeInteger(held))) {
      if (held !== scaling.null || Number.isNaN(stored)) return held;
    }
    throw new FitsError(
      `cannot write column ${name} — ${value} can't be stored as scale ${scale}, zero ${zero} in ${bits} bits`,
    );
  });
  if (bits === 8) return Uint8Array.from(integers);
  if (bits === 16) return Int16Array.from(integers);
  return bits === 32 ? Int32Array.from(integers) : BigInt64Array.from(integers, BigInt);
}

function packScaled(column: ColumnContent, scaling: ColumnScaling): Packed {
  const packed = packArray(column, storedIntegers(column.name, column.data as TypedArray, scaling));
  const { scale, zero = 0, null: tnull } = scaling;
  const spec = { ...packed.spec, tscal: scale, tzero: zero, ...(tnull === undefined ? {} : { tnull }) };
  return { ...packed, spec };
}

function packArray(column: ColumnContent, array: TypedArray): Packed {
  const each = product(column.shape ?? []);
  const { code, tzero } = codeOf(array);
  const complex = column.complex === true;
  const letter = complex ? (code === "E" ? "C" : "M") : code;
  const perRow = each * (complex ? 2 : 1);
  return {
    spec: described(column, `${each}${letter}`, tzero),
    rows: each === 0 ? 0 : array.length / perRow,
    width: perRow * array.BYTES_PER_ELEMENT,
    bytes: packNumbers(array),
    heap: null,
  };
}

function packStrings(column: ColumnContent, strings: readonly string[]): Packed {
  const each = product(column.shape ?? []);
  const encoded = strings.map((text) => Buffer.from(text.replace(/[^\x20-\x7e]/g, "?"), "latin1"));
  const width = Math.max(1, ...encoded.map((text) => text.length));
  const bytes = new Uint8Array(strings.length * width).fill(32);
  encoded.forEach((text, i) => {
    bytes.set(text, i * width);
  });
  const dim = column.shape ? [...column.shape, width] : undefined;
  return {
    spec: described(column, `${each * width}A`, undefined, dim),
    rows: strings.length / each,
    width: each * width,
    bytes,
    heap: null,
  };
}

function packLogical(column: ColumnContent, values: readonly (boolean | null)[]): Packed {
  const each = product(column.shape ?? []);
  const bytes = Uint8Array.from(values, (value) => (value === null ? 0 : value ? 84 : 70));
  return { spec: described(column, `${each}L`), rows: values.length / each, width: each, bytes, heap: null };
}

function packBits(column: ColumnContent, bits: Uint8Array): Packed {
  const each = product(column.shape ?? []);
  const width = Math.ceil(each / 8);
  const rows = bits.length / each;
  const bytes = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < each; k++) {
      if (bits[row * each + k]) bytes[row * width + (k >> 3)]! |= 128 >> (k & 7);
    }
  }
  return { spec: described(column, `${each}X`), rows, width, bytes, heap: null };
}

function packVariable(column: ColumnContent, cells: readonly TypedArray[]): Packed {
  const packed = cells.map(packNumbers);
  const size = packed.reduce((sum, bytes) => sum + bytes.length, 0);
  // The longest heap that P descriptors can point into.
  const wide = size >= 2 ** 31;
  const width = wide ? 16 : 8;
  const bytes = new Uint8Array(cells.length * width);
  const view = new DataView(bytes.buffer);
  const heap = new Uint8Array(size);
  let at = 0;
  packed.forEach((part, row) => {
    heap.set(part, at);
    writeDescriptor(view, row * width, wide ? "Q" : "P", cells[row]!.length, at);
    at += part.length;
  });
  const { code, tzero } = codeOf(cells[0] ?? new Uint8Array(0));
  if (cells.some((cell) => codeOf(cell).code !== code)) {
    throw new FitsError(`cannot write column ${column.name} — its cells have different types`);
  }
  const longest = Math.max(0, ...cells.map((cell) => cell.length));
  const tform = `1${wide ? "Q" : "P"}${code}(${longest})`;
  return { spec: described(column, tform, tzero), rows: cells.length, width, bytes, heap };
}

function packColumn(column: ColumnContent): Packed {
  const { data, bits, scaled } = column;
  if (scaled) return packScaled(column, scaled);
  if (Array.isArray(data)) {
    const first: unknown = data[0];
    if (typeof first === "string") return packStrings(column, data as string[]);
    if (ArrayBuffer.isView(first)) return packVariable(column, data as TypedArray[]);
    return packLogical(column, data as boolean[]);
  }
  const array = data as TypedArray;
  if (bits && array instanceof Uint8Array) return packBits(column, array);
  return packArray(column, array);
}

/** Heaps of several columns lie one after the other: descriptors are moved by what lies before. */
function shiftDescriptors(column: Packed, by: number): void {
  const view = new DataView(column.bytes.buffer);
  const wide = column.width === 16;
  for (let at = 0; at < column.bytes.length; at += column.width) {
    if (wide) view.setBigInt64(at + 8, view.getBigInt64(at + 8) + BigInt(by));
    else view.setInt32(at + 4, view.getInt32(at + 4) + by);
  }
}

/** A table's specification and its bytes (rows, then heap) as they stand in the file. */
export function encodeTable(content: TableContent): { spec: TableSpec; bytes: Uint8Array } {
  const { name, version, cards = [], columns } = content;
  const packed = columns.map(packColumn);
  const rows = packed[0]?.rows ?? 0;
  packed.forEach((column, i) => {
    if (column.rows !== rows || !Number.isInteger(column.rows)) {
      throw new FitsError(
        `cannot write column ${columns[i]!.name} — it has ${column.rows} rows, the first column ${rows}`,
      );
    }
  });
  const rowBytes = packed.reduce((sum, { width }) => sum + width, 0);
  const heap = packed.reduce((sum, column) => sum + (column.heap?.length ?? 0), 0);
  const bytes = new Uint8Array(rows * rowBytes + heap);
  let offset = 0;
  let heapAt = 0;
  for (const column of packed) {
    if (column.heap) {
      shiftDescriptors(column, heapAt);
      bytes.set(column.heap, rows * rowBytes + heapAt);
      heapAt += column.heap.length;
    }
    for (let row = 0; row < rows; row++) {
      bytes.set(column.bytes.subarray(row * column.width, (row + 1) * column.width), row * rowBytes + offset);
    }
    offset += column.width;
  }
  const spec: TableSpec = {
    type: "bintable",
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    cards,
    rows,
    rowBytes,
    columns: packed.map((column) => column.spec),
    heap,
  };
  return { spec, bytes };
}
