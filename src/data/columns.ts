/** Tables as columns by name: from text (CSV, ECSV, blanks between words), JSON and FITS. */
import { FitsError } from "../errors.js";
import { readTable, type FitsFile } from "../fits/index.js";

/** By name in lower case; numbers with NaN for "no value", or words. */
export type Columns = ReadonlyMap<string, Float64Array | readonly string[]>;

/** The first table of the file that has rows. @throws FitsError */
export function columnsOfFits(file: FitsFile): Columns {
  const hdu = file.hdus.find(({ table, image }) => table !== null && image === null && table.rows > 0);
  if (!hdu) throw new FitsError(`no table in ${file.path}`, { hint: `iris fits info ${file.path}` });
  const table = readTable(file, hdu);
  const rows = Array.from({ length: table.rows }, (_, row) => row);
  return new Map(
    table.columns
      .filter(({ shape }) => shape !== null && shape.length === 0)
      .map((column) => [column.name.toLowerCase(), typed(rows.map((row) => column.at(row)))] as const),
  );
}

function typed(cells: readonly unknown[]): Float64Array | readonly string[] {
  const isNumber = (cell: unknown): boolean => typeof cell === "number" || typeof cell === "bigint";
  return cells.every((cell) => cell === null || isNumber(cell))
    ? Float64Array.from(cells, (cell) => (cell === null ? NaN : Number(cell)))
    : cells.map((cell) => String(cell).trim());
}

/**
 * A text table: one line of names, one per row; words parted by commas, tabs, or blanks, in double quotes where they
 * hold one. Lines that begin with # are remarks (ECSV keeps its description there). @throws FitsError
 */
export function columnsOfText(text: string, name: string): Columns {
  const lines = text
    .split(/\r?\n/)
    .map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => line.trim() !== "" && !line.startsWith("#"));
  const [first, ...rest] = lines;
  if (!first) throw new FitsError(`no table in ${name} — it is empty`);
  const separator = ["\t", ","].find((mark) => first.line.includes(mark)) ?? " ";
  const names = wordsOf(first.line, separator);
  const rows = rest.map(({ line, number }) => {
    const words = wordsOf(line, separator);
    if (words.length === names.length) return words;
    throw new FitsError(
      `cannot read ${name} — line ${String(number)} has ${String(words.length)} words, the line of names ${String(names.length)}`,
    );
  });
  return new Map(
    names.map((column, k) => {
      const words = rows.map((row) => row[k]!);
      const numbers = words.map(numberOf);
      return [
        column.toLowerCase(),
        numbers.every((value) => value !== undefined) ? Float64Array.from(numbers) : words,
      ];
    }),
  );
}

/** A list of objects, whose members are the columns. @throws FitsError */
export function columnsOfJson(text: string, name: string): Columns {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (cause) {
    throw new FitsError(`cannot read ${name} — ${(cause as Error).message}`, { cause });
  }
  const isRow = (row: unknown): row is Record<string, unknown> => typeof row === "object" && row !== null;
  if (!Array.isArray(rows) || rows.length === 0 || !rows.every(isRow))
    throw new FitsError(`no table in ${name} — it is no list of objects`, {
      hint: 'write [{ "name": "a.fits", … }, …]',
    });
  return new Map(
    Object.keys(rows[0]!).map((key) => [key.toLowerCase(), typed(rows.map((row) => row[key] ?? null))]),
  );
}

/** NaN for what stands for "no value", undefined for a word. */
function numberOf(word: string): number | undefined {
  if (/^(nan|null|--|)$/i.test(word)) return NaN;
  const value = Number(word);
  return Number.isNaN(value) ? undefined : value;
}

function wordsOf(line: string, separator: string): string[] {
  const pattern =
    separator === " "
      ? /"((?:[^"]|"")*)"|([^\s"]+)/g
      : new RegExp(`"((?:[^"]|"")*)"|([^${separator}"]*)`, "g");
  if (separator === " ")
    return [...line.matchAll(pattern)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
  const words: string[] = [];
  for (let at = 0; at <= line.length;) {
    pattern.lastIndex = at;
    const [all, quoted, plain] = pattern.exec(line)!;
    words.push((quoted?.replaceAll('""', '"') ?? plain ?? "").trim());
    at += all.length + 1;
  }
  return words;
}
