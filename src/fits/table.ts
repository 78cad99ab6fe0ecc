/** Tables: columns by name, fixed cells decoded at once, variable-length cells when asked for. */
import { FitsError } from "../errors.js";
import { asciiTable } from "./ascii-table.js";
import { decodeCells, type ColumnData } from "./cells.js";
import { binaryColumns, bytesOf, type ColumnInfo } from "./columns.js";
import { checkExtent, describeHdu, type FitsFile, type Hdu } from "./file.js";
import { getValue, type Header } from "./header.js";
import { heapOf, readDescriptor } from "./heap.js";
import { structureCards } from "./structure.js";
import { isPackedTable, unpackTable } from "./tiles/table.js";

export type Cell = number | bigint | string | boolean | null | ColumnData;

export interface Column {
  name: string;
  /** TFORM as it stands in the header. */
  format: string;
  unit: string | null;
  /** C order; [] for a scalar, pairs (re, im) not counted. Of variable-length cells: null. */
  shape: number[] | null;
  /** Integer that stands for "no value" in `data` (TNULL), where the column isn't scaled. */
  nullValue: number | bigint | null;
  /** All elements, row after row; null for variable-length columns. */
  readonly data: ColumnData | null;
  /** One cell: a value, or an array where a cell holds several. */
  at(row: number): Cell;
}

export interface Table {
  name: string;
  rows: number;
  columns: Column[];
  column(name: string): Column | undefined;
}

/** Column look-up as TTYPE wants it: case doesn't count. */
export const makeTable = (name: string, rows: number, columns: Column[]): Table => ({
  name,
  rows,
  columns,
  column: (wanted) => columns.find((column) => column.name.toLowerCase() === wanted.toLowerCase()),
});

/** Bytes of one column, row after row. */
function gather(table: Uint8Array, column: ColumnInfo, rowBytes: number, rows: number): Uint8Array {
  const { width, offset } = column;
  const out = new Uint8Array(width === 0 ? 0 : rows * width);
  for (let row = 0; row < rows && width > 0; row++) {
    const from = row * rowBytes + offset;
    if (width > 16) out.set(table.subarray(from, from + width), row * width);
    else for (let k = 0; k < width; k++) out[row * width + k] = table[from + k]!;
  }
  return out;
}

function fixedColumn(info: ColumnInfo, load: () => ColumnData, rows: number): Column {
  let kept: ColumnData | null = null;
  const data = (): ColumnData => (kept ??= load());
  const pairs = info.code === "C" || info.code === "M" ? 2 : 1;
  const perCell = info.shape.reduce((product, n) => product * n, 1) * pairs;
  const scaled = info.tscal !== 1 || Number(info.tzero) !== 0;
  return {
    name: info.name,
    format: info.tform,
    unit: info.unit,
    shape: info.shape,
    nullValue: scaled ? null : info.tnull,
    get data() {
      return data();
    },
    at(row) {
      checkRow(info, row, rows);
      if (perCell === 1 && info.shape.length === 0) return data()[row] ?? (info.code === "A" ? "" : null);
      return data().slice(row * perCell, (row + 1) * perCell);
    },
  };
}

function checkRow(info: ColumnInfo, row: number, rows: number): void {
  if (row < 0 || row >= rows || !Number.isInteger(row)) {
    throw new FitsError(`cannot read row ${row}: column ${info.name} — the table has ${rows}`);
  }
}

/** A binary table's rows and heap, wherever they are. */
interface Stored {
  header: Header;
  rowBytes: number;
  rows: number;
  load(): Uint8Array;
  heapSize: number;
  /** Bytes of the heap that lie within it. */
  heap(offset: number, size: number): Uint8Array;
}

function inFile(file: FitsFile, hdu: Hdu): Stored {
  const { rowBytes, rows } = hdu.table!;
  checkExtent(file, hdu, rowBytes * rows);
  const heap = heapOf(hdu);
  const read = (position: number, size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    if (size > 0) file.readBytes(position, bytes);
    return bytes;
  };
  return {
    header: hdu.header,
    rowBytes,
    rows,
    load: () => read(hdu.dataStart, rowBytes * rows),
    heapSize: heap.size,
    heap: (offset, size) => read(heap.start + offset, size),
  };
}

function unpacked(file: FitsFile, hdu: Hdu): Stored {
  const { spec, bytes } = unpackTable(file, hdu);
  const { rowBytes, rows, heap = 0 } = spec;
  const at = rowBytes * rows;
  return {
    header: { cards: [...structureCards(spec, false), ...spec.cards] },
    rowBytes,
    rows,
    load: () => bytes.subarray(0, at),
    heapSize: heap,
    // A copy: decoding works in place.
    heap: (offset, size) => bytes.slice(at + offset, at + offset + size),
  };
}

function variableColumn(subject: string, stored: Stored, info: ColumnInfo, cells: () => Uint8Array): Column {
  const { rows, heapSize } = stored;
  return {
    name: info.name,
    format: info.tform,
    unit: info.unit,
    shape: null,
    nullValue: info.tnull,
    data: null,
    at(row) {
      checkRow(info, row, rows);
      if (info.width === 0) return decodeCells(new Uint8Array(0), info, 0, 0);
      const bytes = cells();
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const [count, offset] = readDescriptor(view, row * info.width, info.descriptor!);
      const size = bytesOf(info.code, count);
      if (count < 0 || offset < 0 || (size > 0 && offset + size > heapSize)) {
        throw new FitsError(
          `cannot read row ${row}, column ${info.name}: ${subject} — ${size} bytes at ${offset} of a heap of ${heapSize}`,
        );
      }
      const data = decodeCells(stored.heap(offset, size), info, count, 1);
      return info.code === "A" ? ((data as string[])[0] ?? "") : data;
    },
  };
}

function binaryTable(hdu: Hdu, stored: Stored, subject: string): Table {
  const { header, rowBytes, rows } = stored;
  let kept: Uint8Array | null = null;
  const table = (): Uint8Array => (kept ??= stored.load());
  const columns = binaryColumns(header).map((info) => {
    let bytes: Uint8Array | null = null;
    const cells = (): Uint8Array => (bytes ??= gather(table(), info, rowBytes, rows));
    if (info.descriptor) return variableColumn(subject, stored, info, cells);
    return fixedColumn(
      info,
      () =>
        decodeCells(gather(table(), info, rowBytes, rows), info, info.repeat, info.width === 0 ? 0 : rows),
      rows,
    );
  });
  return makeTable(hdu.name, rows, columns);
}

/**
 * Binary and ASCII tables. Columns are decoded when first used; the file must stay open until then. Packed tables
 * (ZTABLE) are unpacked as a whole.
 *
 * @param options `packed`: a packed table as it stands, with its columns of packed bytes.
 * @throws FitsError naming file, HDU and keyword or cell.
 */
export function readTable(file: FitsFile, hdu: Hdu, options: { packed?: boolean } = {}): Table {
  if (hdu.type !== "bintable" && hdu.type !== "table") {
    throw new FitsError(`cannot read a table: ${describeHdu(file, hdu)} — it is an ${hdu.type} HDU`, {
      hint: `iris fits info ${file.path}`,
    });
  }
  const axes = Number(getValue(hdu.header, "NAXIS"));
  if (axes !== 2)
    throw new FitsError(`cannot read a table: ${describeHdu(file, hdu)} — NAXIS = ${axes}, not 2`);
  try {
    if (hdu.type === "table") return asciiTable(file, hdu);
    const whole = isPackedTable(hdu) && options.packed !== true;
    return binaryTable(hdu, whole ? unpacked(file, hdu) : inFile(file, hdu), describeHdu(file, hdu));
  } catch (error) {
    if (!(error instanceof FitsError) || error.message.includes(file.path)) throw error;
    throw new FitsError(`cannot read a table: ${describeHdu(file, hdu)} — ${error.message}`, {
      cause: error,
    });
  }
}
