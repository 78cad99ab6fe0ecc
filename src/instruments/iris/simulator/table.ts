/** Small binary tables of scalar columns. */
import type { Card, ColumnSpec, TableSpec } from "../../../fits/index.js";

export interface BinaryTable {
  spec: TableSpec;
  bytes: Uint8Array;
}

/** A column: 32-bit integers (with `unsigned` shifted by 2³¹), 64-bit floats, or text of a fixed width. */
export type Column =
  | { name: string; type: "int32" | "uint32" | "float64"; unit?: string; values: readonly number[] }
  | { name: string; type: "text"; width: number; values: readonly string[] };

const widthOf = (column: Column): number =>
  column.type === "text" ? column.width : column.type === "float64" ? 8 : 4;

function columnSpec(column: Column): ColumnSpec {
  if (column.type === "text") return { name: column.name, tform: `${column.width}A` };
  return {
    name: column.name,
    tform: column.type === "float64" ? "D" : "J",
    ...(column.unit === undefined ? {} : { unit: column.unit }),
    ...(column.type === "uint32" ? { tzero: 2 ** 31 } : {}),
  };
}

/** The specification and the rows of a table whose columns are equally long. */
export function makeTable(name: string, columns: readonly Column[], cards: Card[] = []): BinaryTable {
  const rowBytes = columns.reduce((sum, column) => sum + widthOf(column), 0);
  const rows = columns[0]?.values.length ?? 0;
  const bytes = new Uint8Array(rows * rowBytes);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const column of columns) {
    for (let row = 0; row < rows; row++) {
      const at = row * rowBytes + offset;
      if (column.type === "text") {
        const text = column.values[row]!.slice(0, column.width);
        for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
      } else {
        const value = column.values[row]!;
        if (column.type === "float64") view.setFloat64(at, value);
        else view.setInt32(at, column.type === "uint32" ? value - 2 ** 31 : value);
      }
    }
    offset += widthOf(column);
  }
  return { spec: { type: "bintable", name, rows, rowBytes, columns: columns.map(columnSpec), cards }, bytes };
}
