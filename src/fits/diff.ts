/** What differs between two files: headers by keyword, pixels by statistics, tables by column. */
import { isIrisError } from "../errors.js";
import type { Card, Value } from "./cards.js";
import type { FitsFile, Hdu } from "./file.js";
import { readImage } from "./image.js";
import type { TypedArray } from "./typed-array.js";
import { readTable } from "./table.js";

/** Pixels are the same when |a − b| ≤ absolute + relative·|b|. */
export interface Tolerance {
  absolute: number;
  relative: number;
}

export interface DiffOptions {
  /** Keywords that don't count. */
  ignore: (keyword: string) => boolean;
  tolerance: (hdu: Hdu) => Tolerance;
}

export interface KeywordDifference {
  keyword: string;
  /** Absent on the side that doesn't have it. */
  a?: Value;
  b?: Value;
}

export interface PixelDifference {
  pixels: number;
  different: number;
  /** NaN on one side only. */
  nan: number;
  /** Over the pixels that differ and are numbers on both sides. */
  max: number;
  mean: number;
  rms: number;
  /** 1-based pixel of the largest difference, FITS order. */
  at: number[] | null;
}

export interface HduDifference {
  i: number;
  name: string;
  keywords: KeywordDifference[];
  pixels: PixelDifference | null;
  columns: { name: string; rows: number }[];
  /** Anything else: shape, type, an HDU that one side lacks. */
  messages: string[];
}

const sameValue = (a: Value | undefined, b: Value | undefined): boolean =>
  a === b ||
  (typeof a === "object" &&
    a !== null &&
    typeof b === "object" &&
    b !== null &&
    a.re === b.re &&
    a.im === b.im);

const commentary = new Set(["COMMENT", "HISTORY", "", "CONTINUE"]);

/** Values by keyword; the second of a name becomes "NAME #2". */
function valuesOf(cards: readonly Card[], ignore: (keyword: string) => boolean): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const { keyword, value } of cards) {
    if (commentary.has(keyword) || value === undefined || ignore(keyword)) continue;
    let name = keyword;
    for (let n = 2; values.has(name); n++) name = `${keyword} #${n}`;
    values.set(name, value);
  }
  return values;
}

function diffKeywords(a: Hdu, b: Hdu, ignore: (keyword: string) => boolean): KeywordDifference[] {
  const left = valuesOf(a.header.cards, ignore);
  const right = valuesOf(b.header.cards, ignore);
  const differences: KeywordDifference[] = [];
  for (const [keyword, value] of left) {
    const other = right.get(keyword);
    if (other === undefined) differences.push({ keyword, a: value });
    else if (!sameValue(value, other)) differences.push({ keyword, a: value, b: other });
  }
  for (const [keyword, value] of right) if (!left.has(keyword)) differences.push({ keyword, b: value });
  return differences;
}

function diffPixels(
  a: TypedArray,
  b: TypedArray,
  axes: readonly number[],
  tolerance: Tolerance,
): PixelDifference | null {
  const { absolute, relative } = tolerance;
  let different = 0;
  let nan = 0;
  let max = 0;
  let sum = 0;
  let squares = 0;
  let where = -1;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const x = Number(a[i]!);
    const y = Number(b[i]!);
    if (x !== x || y !== y) {
      if (x === x || y === y) {
        nan++;
        different++;
      }
      continue;
    }
    const distance = Math.abs(x - y);
    if (distance <= absolute + relative * Math.abs(y)) continue;
    different++;
    sum += distance;
    squares += distance * distance;
    if (distance > max) {
      max = distance;
      where = i;
    }
  }
  if (different === 0) return null;
  const counted = Math.max(1, different - nan);
  let rest = where;
  const at =
    where < 0
      ? null
      : axes.map((n) => {
          const x = (rest % n) + 1;
          rest = Math.floor(rest / n);
          return x;
        });
  return {
    pixels: a.length,
    different,
    nan,
    max,
    mean: sum / counted,
    rms: Math.sqrt(squares / counted),
    at,
  };
}

function diffTables(a: FitsFile, b: FitsFile, left: Hdu, right: Hdu, into: HduDifference): void {
  const one = readTable(a, left);
  const two = readTable(b, right);
  if (one.rows !== two.rows) into.messages.push(`${one.rows} rows and ${two.rows}`);
  for (const column of two.columns)
    if (!one.column(column.name)) into.messages.push(`column ${column.name} only in the second`);
  const plain = (_: string, value: unknown): unknown =>
    typeof value === "bigint" ? value.toString() : Object.is(value, NaN) ? "NaN" : value;
  for (const column of one.columns) {
    const other = two.column(column.name);
    if (!other) {
      into.messages.push(`column ${column.name} only in the first`);
      continue;
    }
    let rows = 0;
    for (let row = 0; row < Math.min(one.rows, two.rows); row++) {
      const x = column.at(row);
      const y = other.at(row);
      if (!Object.is(x, y) && JSON.stringify(x, plain) !== JSON.stringify(y, plain)) rows++;
    }
    if (rows > 0) into.columns.push({ name: column.name, rows });
  }
}

function diffHdu(a: FitsFile, b: FitsFile, left: Hdu, right: Hdu, options: DiffOptions): HduDifference {
  const result: HduDifference = {
    i: left.index,
    name: left.name,
    keywords: diffKeywords(left, right, options.ignore),
    pixels: null,
    columns: [],
    messages: [],
  };
  if (left.type !== right.type) {
    result.messages.push(`a ${left.type} and a ${right.type}`);
    return result;
  }
  if (left.image || right.image) {
    const shapes = [left, right].map((hdu) => hdu.image?.axes.join("×") ?? "no data");
    if (shapes[0] !== shapes[1]) result.messages.push(`images of ${shapes.join(" and ")}`);
    else {
      const one = readImage(a, left);
      const two = readImage(b, right);
      result.pixels = diffPixels(one.data, two.data, left.image!.axes, options.tolerance(left));
    }
  } else if (left.type === "bintable" || left.type === "table") diffTables(a, b, left, right, result);
  return result;
}

const isSame = ({ keywords, pixels, columns, messages }: HduDifference): boolean =>
  keywords.length === 0 && pixels === null && columns.length === 0 && messages.length === 0;

/** The HDUs that differ, compared in order; an empty list says that the files hold the same. */
export function diffFits(a: FitsFile, b: FitsFile, options: DiffOptions): HduDifference[] {
  const differences: HduDifference[] = [];
  for (let i = 0; i < Math.max(a.hdus.length, b.hdus.length); i++) {
    const left = a.hdus[i];
    const right = b.hdus[i];
    if (!left || !right) {
      const { index, name } = (left ?? right)!;
      const message = `only in the ${left ? "first" : "second"} file`;
      differences.push({ i: index, name, keywords: [], pixels: null, columns: [], messages: [message] });
      continue;
    }
    try {
      const difference = diffHdu(a, b, left, right, options);
      if (!isSame(difference)) differences.push(difference);
    } catch (error) {
      if (!isIrisError(error)) throw error;
      differences.push({
        i,
        name: left.name,
        keywords: [],
        pixels: null,
        columns: [],
        messages: [error.message],
      });
    }
  }
  return differences;
}
