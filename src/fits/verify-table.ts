/** Verification of tables: columns, heaps, cells (FITS 4.0 §7.2, §7.3). */
import { binaryColumns, type ColumnInfo } from "./columns.js";
import type { FitsFile, Hdu } from "./file.js";
import { getValue } from "./header.js";
import { heapOf, readDescriptor } from "./heap.js";
import { readTable } from "./table.js";
import type { Report } from "./finding.js";

/** TDISP formats of text, logicals and whole numbers suit these columns only (§7.3.4). */
const displayed: readonly [format: RegExp, codes: string][] = [
  [/^A/, "A"],
  [/^L/, "L"],
  [/^[IBOZ]/, "XBIJK"],
];

function checkDisplay(hdu: Hdu, column: ColumnInfo, n: number, report: Report): void {
  const display = getValue(hdu.stored, `TDISP${n}`);
  if (typeof display !== "string") return;
  const rule = displayed.find(([format]) => format.test(display.trim()));
  if (rule && !rule[1].includes(column.code)) {
    report("error", `the format ${display} doesn't suit TFORM${n} = ${column.tform}`, null, `TDISP${n}`);
  }
}

/** What the columns say about themselves, and cells that can't hold what they claim. */
export function checkTable(file: FitsFile, hdu: Hdu, report: Report): void {
  if (!hdu.table) {
    report("error", `a table has two axes, NAXIS = ${String(getValue(hdu.stored, "NAXIS"))}`, null, "NAXIS");
    return;
  }
  if (hdu.type === "bintable") {
    const infos = binaryColumns(hdu.stored);
    const width = infos.reduce((sum, column) => sum + column.width, 0);
    if (width !== hdu.table.rowBytes) {
      report("error", `NAXIS1 = ${hdu.table.rowBytes}, the columns take ${width} bytes`, null, "NAXIS1");
    }
    infos.forEach((column, i) => {
      if (getValue(hdu.stored, `TTYPE${i + 1}`) === undefined) {
        report("warning", `column ${i + 1} has no name`, null, `TTYPE${i + 1}`);
      }
      const same = infos.findIndex(({ name }) => name.toLowerCase() === column.name.toLowerCase());
      checkDisplay(hdu, column, i + 1, report);
      if (same < i)
        report(
          "warning",
          `columns ${same + 1} and ${i + 1} have the same name ${column.name}`,
          null,
          `TTYPE${i + 1}`,
        );
    });
    if (heapOf(hdu).size > 0 && !infos.some((column) => column.descriptor)) {
      report("warning", "there is a heap, but no column points into it", null, "PCOUNT");
    }
  }
  const table = readTable(file, hdu, { packed: true });
  for (const column of table.columns) {
    if (column.shape === null) for (let row = 0; row < table.rows; row++) column.at(row);
  }
  if (hdu.type !== "bintable") return;
  for (const column of binaryColumns(hdu.stored)) {
    if (column.code === "L") checkLogical(file, hdu, column, report);
  }
}

/** A logical cell holds T, F or 0 (§7.3.3.1); the first that doesn't is named. */
function checkLogical(file: FitsFile, hdu: Hdu, column: ColumnInfo, report: Report): void {
  const { rowBytes, rows } = hdu.table!;
  const heap = heapOf(hdu);
  const row = new Uint8Array(rowBytes);
  const view = new DataView(row.buffer);
  for (let n = 0; n < rows; n++) {
    file.readBytes(hdu.dataStart + n * rowBytes, row);
    let cell = row.subarray(column.offset, column.offset + column.width);
    if (column.descriptor && column.width > 0) {
      const [count, at] = readDescriptor(view, column.offset, column.descriptor);
      cell = new Uint8Array(count);
      if (count > 0) file.readBytes(heap.start + at, cell);
    }
    const odd = cell.find((code) => code !== 84 && code !== 70 && code !== 0);
    if (odd === undefined) continue;
    report("error", `row ${n + 1}, column ${column.name}: byte ${odd} is neither T, F nor 0`);
    return;
  }
}
