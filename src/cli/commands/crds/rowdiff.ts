/** `iris crds rowdiff`: rows that differ between the tables of two FITS files. */
import { resolve } from "node:path";
import { diffRows, type RowDiff, type TextTable } from "../../../crds/rowdiff.js";
import { InputError } from "../../../errors.js";
import { openFits, readTable, type Cell } from "../../../fits/index.js";
import type { Cli } from "../../cli.js";

export interface RowdiffOptions {
  fields?: string[];
  ignoreFields?: string[];
  modeFields?: string[];
}

/** Status 0: same, 1: different. */
export function runRowdiff(cli: Cli, old: string, now: string, options: RowdiffOptions): void {
  const [a, b] = [tablesOf(cli, old), tablesOf(cli, now)];
  if (a.length === 0 && b.length === 0) throw new InputError(`no tables to compare: ${old}, ${now}`);
  const diffs = a.flatMap((table, i) => {
    const other = b.find(({ name }) => name !== "" && name === table.name) ?? b[i];
    const choice = { fields: options.fields, ignore: options.ignoreFields, keys: options.modeFields };
    return other ? [diffRows(table, other, choice)] : [];
  });
  const unpaired = Math.abs(a.length - b.length);
  if (unpaired > 0 || diffs.some(isDifferent)) cli.setExit(1);
  if (cli.json) return cli.out(JSON.stringify({ v: 1, old, new: now, tables: diffs, unpaired }));
  for (const diff of diffs.filter(isDifferent)) cli.out(formatDiff(diff));
  if (unpaired > 0) cli.out(`${unpaired} tables are in one of the files only`);
}

const isDifferent = (diff: RowDiff): boolean =>
  diff.changes.length + diff.onlyOld.length + diff.onlyNew.length > 0;

function tablesOf(cli: Cli, name: string): TextTable[] {
  const file = openFits(resolve(cli.host.cwd, name));
  try {
    return file.hdus
      .filter(({ type }) => type === "bintable" || type === "table")
      .map((hdu) => {
        const table = readTable(file, hdu);
        const rows = Array.from({ length: table.rows }, (_, i) =>
          table.columns.map((column) => cellText(column.at(i))),
        );
        return { name: hdu.name, columns: table.columns.map((column) => column.name), rows };
      });
  } finally {
    file.close();
  }
}

const cellText = (cell: Cell): string =>
  typeof cell === "object" && cell !== null
    ? `[${Array.from(cell as ArrayLike<unknown>, String).join(" ")}]`
    : String(cell).trimEnd();

function formatDiff({ table, oldRows, newRows, columns, onlyOld, onlyNew, changes }: RowDiff): string {
  const lines = [`table ${table || "1"}   ${oldRows} → ${newRows} rows   ${changes.length} differ`];
  if (onlyOld.length > 0) lines.push(`  columns gone: ${onlyOld.join(", ")}`);
  if (onlyNew.length > 0) lines.push(`  columns new: ${onlyNew.join(", ")}`);
  if (changes.length > 0) lines.push(`  ${columns.join(", ")}`);
  for (const change of changes) {
    lines.push(`  @ ${change.at}`);
    if (change.old) lines.push(`  - ${change.old.join(", ")}`);
    if (change.new) lines.push(`  + ${change.new.join(", ")}`);
  }
  return lines.join("\n");
}
