/** ASCII tables: fixed-width fields of text (FITS 4.0 §7.2). */
import { FitsError } from "../errors.js";
import type { ColumnData } from "./cells.js";
import { readData, type FitsFile, type Hdu } from "./file.js";
import { getValue, type Header } from "./header.js";
import { makeTable, type Column, type Table } from "./table.js";

interface Field {
  name: string;
  tform: string;
  unit: string | null;
  code: "A" | "I" | "F" | "E" | "D";
  width: number;
  decimals: number;
  /** Byte of the row. */
  start: number;
  tnull: string | null;
  tscal: number;
  tzero: number;
}

function fieldsOf(header: Header): Field[] {
  const fields = Number(getValue(header, "TFIELDS") ?? 0);
  if (!Number.isInteger(fields) || fields < 0 || fields > 999)
    throw new FitsError("TFIELDS — 0 to 999 are possible");
  const text = (keyword: string): string | null => {
    const value = getValue(header, keyword);
    return typeof value === "string" ? value : null;
  };
  const number = (keyword: string, fallback: number): number => {
    const value = getValue(header, keyword);
    return typeof value === "number" ? value : fallback;
  };
  return Array.from({ length: fields }, (_, i) => {
    const n = i + 1;
    const tform = (text(`TFORM${n}`) ?? "").trim();
    const match = /^([AIFED])(\d+)(?:\.(\d+))?/i.exec(tform);
    if (!match) throw new FitsError(`TFORM${n} = ${JSON.stringify(tform)} — not an ASCII-table format`);
    return {
      name: text(`TTYPE${n}`)?.trim() || `col${n}`,
      tform,
      unit: text(`TUNIT${n}`) || null,
      code: match[1]!.toUpperCase() as Field["code"],
      width: Number(match[2]),
      decimals: Number(match[3] ?? 0),
      start: number(`TBCOL${n}`, 1) - 1,
      tnull: text(`TNULL${n}`)?.trim() ?? null,
      tscal: number(`TSCAL${n}`, 1),
      tzero: number(`TZERO${n}`, 0),
    };
  });
}

/** A field as a number; NaN for null and for what isn't a number. Without a point, d digits are decimals (§7.2.5). */
function parseReal(text: string, field: Field): number {
  const compact = text.replaceAll(" ", "").replace(/[Dd]/, "E");
  if (compact === "") return 0;
  const value = Number(compact);
  if (field.code === "I" || compact.includes(".") || field.decimals === 0) return value;
  return value / 10 ** field.decimals;
}

function decodeField(texts: readonly string[], field: Field): ColumnData {
  if (field.code === "A") return texts.map((text) => text.trimEnd());
  const isNull = (text: string): boolean => field.tnull !== null && text.trim() === field.tnull;
  const plain = field.tscal === 1 && field.tzero === 0;
  const whole =
    field.code === "I" && plain && !texts.some((text) => isNull(text) || !/^ *[+-]?\d* *$/.test(text));
  if (whole && field.width <= 9) return Int32Array.from(texts, Number);
  if (whole) {
    const limit = 2n ** 63n;
    const values = texts.map((text) => BigInt(text.trim().replace(/^\+/, "") || 0));
    if (values.every((value) => value < limit && value >= -limit)) return BigInt64Array.from(values);
  }
  return Float64Array.from(texts, (text) =>
    isNull(text) ? NaN : parseReal(text, field) * field.tscal + field.tzero,
  );
}

export function asciiTable(file: FitsFile, hdu: Hdu): Table {
  const { rowBytes, rows } = hdu.table!;
  const fields = fieldsOf(hdu.header);
  const wide = fields.find(({ start, width }) => start < 0 || start + width > rowBytes);
  if (wide) throw new FitsError(`column ${wide.name} — lies outside the row of ${rowBytes} bytes`);
  let kept: string | null = null;
  const table = (): string => (kept ??= Buffer.from(readData(file, hdu).buffer).toString("latin1"));
  const columns = fields.map((field): Column => {
    let data: ColumnData | null = null;
    const load = (): ColumnData => {
      const text = table();
      const cells = Array.from({ length: field.width === 0 ? 0 : rows }, (_, row) =>
        text.slice(row * rowBytes + field.start, row * rowBytes + field.start + field.width),
      );
      return decodeField(cells, field);
    };
    return {
      name: field.name,
      format: field.tform,
      unit: field.unit,
      shape: [],
      nullValue: null,
      get data() {
        return (data ??= load());
      },
      at(row) {
        if (row < 0 || row >= rows)
          throw new FitsError(`cannot read row ${row}: column ${field.name} — the table has ${rows}`);
        return (data ??= load())[row] ?? null;
      },
    };
  });
  return makeTable(hdu.name, rows, columns);
}
