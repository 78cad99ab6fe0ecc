/** Column descriptions of binary tables: TFORMn, TDIMn and scaling (FITS 4.0 §7.3). */
import { FitsError } from "../errors.js";
import { getValue, type Header } from "./header.js";

/** Logical, bit, byte, int16/32/64, character, float32/64, complex64/128. */
export type TypeCode = "L" | "X" | "B" | "I" | "J" | "K" | "A" | "E" | "D" | "C" | "M";

export interface Tform {
  /** Elements per cell; of a variable-length column, 0 or 1 descriptors. */
  repeat: number;
  code: TypeCode;
  /** Descriptor of a variable-length column: P (32 bits) or Q (64 bits); null for fixed cells. */
  descriptor: "P" | "Q" | null;
  /** Characters per string where a cell holds several (the rAw convention). */
  stringWidth: number | null;
}

/** Bytes of one element; bits are counted by the cell. */
export const elementBytes: Readonly<Record<TypeCode, number>> = {
  L: 1,
  X: 1,
  B: 1,
  A: 1,
  I: 2,
  J: 4,
  E: 4,
  K: 8,
  D: 8,
  C: 8,
  M: 16,
};

/** Bytes that `count` elements take. */
export const bytesOf = (code: TypeCode, count: number): number =>
  code === "X" ? Math.ceil(count / 8) : count * elementBytes[code];

export function parseTform(text: string): Tform | null {
  const match = /^\s*(\d*)([LXBIJKAEDCM])(\d*)/i.exec(text);
  if (match) {
    const code = match[2]!.toUpperCase() as TypeCode;
    const width = code === "A" && match[3] !== "" ? Number(match[3]) : null;
    return { repeat: match[1] === "" ? 1 : Number(match[1]), code, descriptor: null, stringWidth: width };
  }
  const variable = /^\s*([01]?)([PQ])([LXBIJKAEDCM])/i.exec(text);
  if (!variable) return null;
  return {
    repeat: variable[1] === "" ? 1 : Number(variable[1]),
    code: variable[3]!.toUpperCase() as TypeCode,
    descriptor: variable[2]!.toUpperCase() as "P" | "Q",
    stringWidth: null,
  };
}

export interface ColumnInfo extends Tform {
  name: string;
  tform: string;
  unit: string | null;
  /** Byte of the row where the cell begins, and its bytes there. */
  offset: number;
  width: number;
  /** Cell shape, C order; [] for a scalar. Of strings: the shape of the array of strings. */
  shape: number[];
  tscal: number;
  tzero: number | bigint;
  tnull: number | bigint | null;
}

/** "(3,4)" as [3, 4]; null when it isn't a list of whole numbers. */
export function parseTdim(text: unknown): number[] | null {
  if (typeof text !== "string") return null;
  const match = /^\s*\(\s*(\d+(?:\s*,\s*\d+)*)\s*\)\s*$/.exec(text);
  return match ? match[1]!.split(",").map(Number) : null;
}

function cellShape(form: Tform, tdim: number[] | null): { shape: number[]; stringWidth: number | null } {
  const { code, repeat } = form;
  const size = (axes: number[]): number => axes.reduce((product, n) => product * n, 1);
  // TDIM larger than the cell is wrong and ignored (§7.3.2).
  const dims = tdim && size(tdim) <= repeat ? tdim : null;
  if (code === "A") {
    if (dims && dims.length > 0) return { shape: dims.slice(1).reverse(), stringWidth: dims[0]! };
    const width = form.stringWidth;
    if (width !== null && width > 0 && width < repeat) {
      return { shape: [Math.floor(repeat / width)], stringWidth: width };
    }
    return { shape: [], stringWidth: repeat };
  }
  if (dims) return { shape: [...dims].reverse(), stringWidth: null };
  return { shape: repeat === 1 ? [] : [repeat], stringWidth: null };
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** @throws FitsError naming the keyword when a column can't be understood, or the columns are wider than the row. */
export function binaryColumns(header: Header): ColumnInfo[] {
  const rowBytes = Number(getValue(header, "NAXIS1"));
  const fields = Number(getValue(header, "TFIELDS") ?? 0);
  if (!Number.isInteger(fields) || fields < 0 || fields > 999) {
    throw new FitsError(`TFIELDS = ${String(getValue(header, "TFIELDS"))} — 0 to 999 are possible`);
  }
  const columns: ColumnInfo[] = [];
  let offset = 0;
  for (let n = 1; n <= fields; n++) {
    const tform = String(getValue(header, `TFORM${n}`) ?? "").trim();
    const form = parseTform(tform);
    if (!form) throw new FitsError(`TFORM${n} = ${JSON.stringify(tform)} — not a binary-table format`);
    const width = form.descriptor
      ? form.repeat * (form.descriptor === "P" ? 8 : 16)
      : bytesOf(form.code, form.repeat);
    const tzero = getValue(header, `TZERO${n}`);
    const tscal = getValue(header, `TSCAL${n}`);
    const tnull = getValue(header, `TNULL${n}`);
    columns.push({
      ...form,
      ...cellShape(form, form.descriptor ? null : parseTdim(getValue(header, `TDIM${n}`))),
      name: text(getValue(header, `TTYPE${n}`)) ?? `col${n}`,
      tform,
      unit: text(getValue(header, `TUNIT${n}`)),
      offset,
      width,
      tscal: typeof tscal === "number" ? tscal : 1,
      tzero: typeof tzero === "number" || typeof tzero === "bigint" ? tzero : 0,
      tnull: typeof tnull === "number" || typeof tnull === "bigint" ? tnull : null,
    });
    offset += width;
  }
  if (offset > rowBytes) {
    throw new FitsError(`NAXIS1 = ${rowBytes} — the columns take ${offset} bytes a row`);
  }
  return columns;
}
