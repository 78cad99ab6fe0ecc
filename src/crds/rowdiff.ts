/** Rows that differ between two tables, in order or by key columns. */

/** A table as texts: what rows are compared by. */
export interface TextTable {
  name: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

export interface RowDiffOptions {
  /** Only these columns. */
  fields?: readonly string[] | undefined;
  ignore?: readonly string[] | undefined;
  /** Columns that identify a row; without them rows are compared in order. */
  keys?: readonly string[] | undefined;
}

export interface RowDiff {
  table: string;
  /** Columns that only one of the tables has. */
  onlyOld: string[];
  onlyNew: string[];
  columns: string[];
  oldRows: number;
  newRows: number;
  changes: RowChange[];
}

export interface RowChange {
  /** Key values, or the row number from 1 in the old (else the new) table. */
  at: string;
  old: string[] | null;
  new: string[] | null;
}

export function diffRows(
  old: TextTable,
  now: TextTable,
  { fields, ignore = [], keys = [] }: RowDiffOptions,
): RowDiff {
  const lower = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase());
  const wanted = (name: string): boolean =>
    (!fields || lower(fields).includes(name.toLowerCase())) && !lower(ignore).includes(name.toLowerCase());
  const shared = old.columns.filter(
    (name) => wanted(name) && lower(now.columns).includes(name.toLowerCase()),
  );
  const pick = (table: TextTable): string[][] => {
    const at = shared.map((name) => lower(table.columns).indexOf(name.toLowerCase()));
    return table.rows.map((row) => at.map((i) => row[i]!));
  };
  const [a, b] = [pick(old), pick(now)];
  const keyAt = keys.map((key) => lower(shared).indexOf(key.toLowerCase())).filter((i) => i >= 0);
  return {
    table: old.name,
    onlyOld: old.columns.filter((name) => wanted(name) && !lower(now.columns).includes(name.toLowerCase())),
    onlyNew: now.columns.filter((name) => wanted(name) && !lower(old.columns).includes(name.toLowerCase())),
    columns: shared,
    oldRows: a.length,
    newRows: b.length,
    changes: keyAt.length > 0 ? byKey(a, b, keyAt) : inOrder(a, b),
  };
}

function byKey(a: readonly string[][], b: readonly string[][], keyAt: readonly number[]): RowChange[] {
  const keyOf = (row: readonly string[]): string => keyAt.map((i) => row[i]!).join(", ");
  const before = new Map(a.map((row) => [keyOf(row), row]));
  const after = new Map(b.map((row) => [keyOf(row), row]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((at) => {
    const [x = null, y = null] = [before.get(at), after.get(at)];
    return same(x, y) ? [] : [{ at, old: x, new: y }];
  });
}

const same = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a?.join("\0") === b?.join("\0");

/** Longest common run of rows at both ends stays; what is between is told as deleted and added. */
function inOrder(a: readonly string[][], b: readonly string[][]): RowChange[] {
  let start = 0;
  while (start < a.length && start < b.length && same(a[start]!, b[start]!)) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && same(a.at(-1 - end)!, b.at(-1 - end)!)) end++;
  const changes: RowChange[] = [];
  const n = Math.max(a.length, b.length) - end;
  for (let i = start; i < n; i++) {
    const [x, y] = [i < a.length - end ? a[i]! : null, i < b.length - end ? b[i]! : null];
    if (!same(x, y)) changes.push({ at: String(i + 1), old: x, new: y });
  }
  return changes;
}
