/** Real files against what astropy reads from them: `expected.json` beside the files names shape, type, statistics, hash. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  dtypeOf,
  imageStats,
  openFits,
  readImage,
  readTable,
  type FitsFile,
  type Hdu,
} from "../../src/fits/index.js";
import { isIrisError } from "../../src/errors.js";
import { readGroups } from "../../src/fits/groups.js";

interface ExpectedHdu {
  i: number;
  name: string;
  cls: string;
  shape?: number[];
  dtype?: string;
  nan?: number;
  min?: number;
  max?: number;
  mean?: number;
  sha256_be_f8?: string;
  rows?: number;
  cols?: [string, string, string | null][];
  groups?: number;
  sum?: number;
  error?: string;
}

interface ExpectedFile {
  hdus: ExpectedHdu[];
  error?: string;
  note?: string;
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Statistics agree to the float32 precision that a mean over float32 pixels has. */
const close = (a: number, b: number | undefined): boolean =>
  b === undefined ||
  a === b ||
  (Number.isNaN(a) && Number.isNaN(b)) ||
  Math.abs(a - b) <= 1e-5 * Math.max(Math.abs(b), 1e-30);

function* compareImage(file: FitsFile, hdu: Hdu, expected: ExpectedHdu, notes: string[]): Generator<string> {
  if (!expected.shape) {
    if (hdu.image && hdu.image.axes.every((n) => n > 0)) yield `has an image, none is expected`;
    return;
  }
  const { data, shape } = readImage(file, hdu);
  if (!equal(shape, expected.shape)) yield `shape ${shape.join("×")}, expected ${expected.shape.join("×")}`;
  const dtype = dtypeOf(hdu.image!);
  if (expected.dtype && dtype !== expected.dtype) yield `type ${dtype}, expected ${expected.dtype}`;
  if (expected.min === undefined && expected.sha256_be_f8 === undefined) return;
  const stats = imageStats(data);
  if (hdu.tiles && hdu.tiles.zblank !== null && stats.nan > 0 && expected.nan === 0) {
    // astropy 5.2.1 takes ZBLANK pixels for numbers; FITS 4.0 §10.2.2 and later versions want NaN.
    notes.push(
      "pixels equal to ZBLANK are NaN here but numbers in the oracle; the others' maximum is compared",
    );
    if (!close(stats.max, expected.max)) yield `max ${stats.max}, expected ${expected.max}`;
    return;
  }
  if (stats.nan !== (expected.nan ?? 0)) yield `${stats.nan} NaN, expected ${expected.nan ?? 0}`;
  for (const key of ["min", "max", "mean"] as const) {
    if (!close(stats[key], expected[key])) yield `${key} ${stats[key]}, expected ${expected[key]}`;
  }
  if (expected.sha256_be_f8 && stats.sha256 !== expected.sha256_be_f8) {
    yield `pixels ${stats.sha256}, expected ${expected.sha256_be_f8}`;
  }
}

function* compareTable(file: FitsFile, hdu: Hdu, expected: ExpectedHdu): Generator<string> {
  // The oracle reads packed tables as they stand, with their columns of packed bytes.
  const table = readTable(file, hdu, { packed: true });
  if (table.rows !== expected.rows) yield `${table.rows} rows, expected ${expected.rows}`;
  // The oracle lists 40 columns at most.
  const columns = table.columns.slice(0, 40).map(({ name, format, unit }) => [name, format, unit]);
  if (!equal(columns, expected.cols))
    yield `columns ${JSON.stringify(columns)}, expected ${JSON.stringify(expected.cols)}`;
  // Every cell has to be readable, whatever it holds.
  const { columns: cells, rows } = readTable(file, hdu);
  for (const column of cells) for (let row = 0; row < rows; row++) column.at(row);
}

function* compareGroups(file: FitsFile, hdu: Hdu, expected: ExpectedHdu): Generator<string> {
  if (expected.shape === undefined) return;
  if (hdu.type !== "groups") yield `type ${hdu.type}, expected random groups`;
  const groups = readGroups(file, hdu);
  const shape = [groups.count, ...groups.shape];
  if (!equal(shape, expected.shape)) yield `shape ${shape.join("×")}, expected ${expected.shape.join("×")}`;
  let sum = 0;
  for (const value of groups.data) sum += Number(value);
  if (!close(sum, expected.sum)) yield `sum ${sum}, expected ${expected.sum}`;
}

function* compareHdu(file: FitsFile, expected: ExpectedHdu, notes: string[]): Generator<string> {
  const hdu = file.hdus[expected.i];
  if (!hdu) {
    yield "is missing";
    return;
  }
  if (expected.cls !== "_NonstandardHDU" && expected.name !== hdu.name)
    yield `name ${hdu.name}, expected ${expected.name}`;
  if (expected.cls === "BinTableHDU" || expected.cls === "TableHDU") yield* compareTable(file, hdu, expected);
  else if (expected.cls === "GroupsHDU") yield* compareGroups(file, hdu, expected);
  else if (expected.cls === "_NonstandardHDU") {
    if (hdu.type !== "other") yield `type ${hdu.type}, expected none that the standard knows`;
  } else if (expected.error) {
    try {
      readImage(file, hdu);
      yield "was read, an error is expected";
    } catch (error) {
      if (!isIrisError(error)) throw error;
    }
  } else yield* compareImage(file, hdu, expected, notes);
}

function* compareFile(path: string, expected: ExpectedFile, notes: string[]): Generator<string> {
  let file: FitsFile;
  try {
    file = openFits(path);
  } catch (error) {
    if (!isIrisError(error)) yield `crashed: ${String(error)}`;
    else if (!expected.error) yield error.message;
    return;
  }
  try {
    if (expected.error) yield "was opened, an error is expected";
    if (file.hdus.length !== expected.hdus.length)
      yield `${file.hdus.length} HDUs, expected ${expected.hdus.length}`;
    for (const hdu of expected.hdus) {
      try {
        for (const difference of compareHdu(file, hdu, notes)) yield `HDU ${hdu.i}: ${difference}`;
      } catch (error) {
        yield `HDU ${hdu.i}: ${isIrisError(error) ? error.message : `crashed: ${(error as Error).stack}`}`;
      }
    }
  } finally {
    file.close();
  }
}

/** Goes through every file of `directory/expected.json`; prints a line per failing one. */
export function run(directory: string): Promise<{ passed: number; failed: number; left: string[] }> {
  const { files } = JSON.parse(readFileSync(join(directory, "expected.json"), "utf8")) as {
    files: Record<string, ExpectedFile>;
  };
  let passed = 0;
  let failed = 0;
  const left: string[] = [];
  for (const [name, expected] of Object.entries(files)) {
    const path = join(directory, name);
    if (!existsSync(path)) {
      left.push(`${name}: the file is absent`);
      continue;
    }
    const notes: string[] = [];
    const differences = [...compareFile(path, expected, notes)];
    left.push(...notes.map((note) => `${name}: ${note}`));
    if (differences.length === 0) passed++;
    else {
      failed++;
      console.log(`${name}: ${differences.join("; ")}`);
    }
  }
  return Promise.resolve({ passed, failed, left });
}
