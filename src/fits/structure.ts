/** The keywords that describe an HDU's own data: made from a specification, never copied from another header. */
import { FitsError } from "../errors.js";
import type { Card } from "./cards.js";
import type { Bitpix } from "./scan.js";

interface CommonSpec {
  /** EXTNAME. */
  name?: string;
  /** EXTVER; left out when absent. */
  version?: number;
  /** Further cards in order; structural ones among them are left out, because the specification says them. */
  cards: Card[];
  /** Blank cards kept for later. */
  spare?: number;
}

export interface ImageSpec extends CommonSpec {
  type?: "image";
  bitpix: Bitpix;
  /** FITS order, x first; [] for a header without data. */
  axes: number[];
  /** Integers with BZERO shifting them to unsigned (for BITPIX 8: to signed). */
  unsigned?: boolean;
}

/** A column as it stands in a binary-table header. */
export interface ColumnSpec {
  name: string;
  tform: string;
  unit?: string;
  /** Cell shape, fastest axis first, as TDIM has it. */
  dim?: number[];
  tzero?: number | bigint;
  tscal?: number;
  tnull?: number;
}

export interface TableSpec extends CommonSpec {
  type: "bintable";
  rows: number;
  rowBytes: number;
  columns: ColumnSpec[];
  /** Further column cards (TDISP …), put behind the columns as they are. */
  extra?: Card[];
  /** Bytes of heap after the rows (variable-length arrays). */
  heap?: number;
}

export type HduSpec = ImageSpec | TableSpec;

const structural = new Set([
  ...["SIMPLE", "XTENSION", "BITPIX", "NAXIS", "EXTEND", "PCOUNT", "GCOUNT", "GROUPS", "TFIELDS", "THEAP"],
  ...["CHECKSUM", "DATASUM", "END"],
]);
const numbered = /^NAXIS\d+$/;
const columnKeyword = /^(TTYPE|TFORM|TUNIT|TDIM|TZERO|TSCAL|TNULL|TDISP|TBCOL)\d+$/;

function isStructural(keyword: string, spec: HduSpec): boolean {
  if (structural.has(keyword) || numbered.test(keyword)) return true;
  if (keyword === "EXTNAME") return spec.name !== undefined;
  if (keyword === "EXTVER") return spec.version !== undefined;
  const image = spec.type !== "bintable";
  if (columnKeyword.test(keyword)) return true;
  if (keyword === "BSCALE" || keyword === "BZERO" || keyword === "BLANK") {
    if (!image) return !spec.cards.some((card) => card.keyword === "ZIMAGE");
    // Raw integers' scaling would be wrong on what was made of them.
    return spec.bitpix < 0 || spec.unsigned === true || spec.axes.length === 0;
  }
  return false;
}

/** Bytes of the data unit without padding. */
export function dataSizeOf(spec: HduSpec): number {
  if (spec.type === "bintable") return spec.rows * spec.rowBytes + (spec.heap ?? 0);
  if (spec.axes.length === 0) return 0;
  return (spec.axes.reduce((product, n) => product * n, 1) * Math.abs(spec.bitpix)) / 8;
}

function axisCards(axes: readonly number[]): Card[] {
  return [
    { keyword: "NAXIS", value: axes.length, comment: "number of data axes" },
    ...axes.map((value, i) => ({ keyword: `NAXIS${i + 1}`, value, comment: `length of data axis ${i + 1}` })),
  ];
}

function imageCards(spec: ImageSpec, primary: boolean): Card[] {
  const { bitpix, axes, unsigned } = spec;
  const scaling: Card[] = [];
  if (unsigned && axes.length > 0) {
    if (bitpix < 0)
      throw new FitsError(`cannot lay out ${spec.name ?? "an image"} — unsigned floats don't exist`);
    const value = bitpix === 8 ? -128 : bitpix === 64 ? 2n ** 63n : 2 ** (bitpix - 1);
    scaling.push(
      { keyword: "BZERO", value, comment: bitpix === 8 ? "signed bytes" : "unsigned integers" },
      { keyword: "BSCALE", value: 1 },
    );
  }
  return [
    primary
      ? { keyword: "SIMPLE", value: true, comment: "conforms to the FITS standard" }
      : { keyword: "XTENSION", value: "IMAGE", comment: "image extension" },
    { keyword: "BITPIX", value: bitpix, comment: "bits per data value" },
    ...axisCards(axes),
    ...(primary ? [{ keyword: "EXTEND", value: true }] : parameterCards(0)),
    ...scaling,
  ];
}

const parameterCards = (pcount: number): Card[] => [
  { keyword: "PCOUNT", value: pcount, comment: pcount === 0 ? "no parameters" : "bytes of heap" },
  { keyword: "GCOUNT", value: 1, comment: "one group" },
];

function columnCards(column: ColumnSpec, n: number): Card[] {
  const cards: Card[] = [
    { keyword: `TTYPE${n}`, value: column.name },
    { keyword: `TFORM${n}`, value: column.tform },
  ];
  if (column.unit !== undefined && column.unit !== "")
    cards.push({ keyword: `TUNIT${n}`, value: column.unit });
  if (column.dim && column.dim.length > 1)
    cards.push({ keyword: `TDIM${n}`, value: `(${column.dim.join(",")})` });
  if (column.tscal !== undefined) cards.push({ keyword: `TSCAL${n}`, value: column.tscal });
  if (column.tzero !== undefined) cards.push({ keyword: `TZERO${n}`, value: column.tzero });
  if (column.tnull !== undefined) cards.push({ keyword: `TNULL${n}`, value: column.tnull });
  return cards;
}

function tableCards(spec: TableSpec): Card[] {
  return [
    { keyword: "XTENSION", value: "BINTABLE", comment: "binary table extension" },
    { keyword: "BITPIX", value: 8, comment: "bytes" },
    ...axisCards([spec.rowBytes, spec.rows]),
    ...parameterCards(spec.heap ?? 0),
    { keyword: "TFIELDS", value: spec.columns.length, comment: "number of columns" },
    ...spec.columns.flatMap((column, i) => columnCards(column, i + 1)),
    ...(spec.extra ?? []),
  ];
}

/** The cards that the specification implies, in the order that the standard wants. */
export function structureCards(spec: HduSpec, primary: boolean): Card[] {
  const cards = spec.type === "bintable" ? tableCards(spec) : imageCards(spec, primary);
  if (spec.name !== undefined && !primary) cards.push({ keyword: "EXTNAME", value: spec.name });
  if (spec.version !== undefined && !primary) cards.push({ keyword: "EXTVER", value: spec.version });
  return cards;
}

/** The caller's cards without those that only the layout may say. */
export const freeCards = (cards: readonly Card[], spec: HduSpec): Card[] =>
  cards.filter(({ keyword }) => !isStructural(keyword.toUpperCase(), spec));

/** Both sums as they stand at the end of a header. */
export const sumCards = (checksum: string, sum: number): Card[] => [
  { keyword: "CHECKSUM", value: checksum, comment: "HDU checksum" },
  { keyword: "DATASUM", value: String(sum), comment: "data unit checksum" },
];
