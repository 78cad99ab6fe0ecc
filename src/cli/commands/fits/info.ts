/** `iris fits info`: a line per HDU; with --json --stats the facts that identify the pixels. */
import { statSync } from "node:fs";
import {
  binaryColumns,
  dtypeOf,
  getValue,
  imageStats,
  readGroups,
  readImage,
  readTable,
  type FitsFile,
  type Hdu,
} from "../../../fits/index.js";
import { isIrisError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { eachFile, formatColumns, short } from "./files.js";

/** Facts on one HDU, named as in lists that other FITS software makes. */
export interface HduFacts {
  i: number;
  name: string;
  ver: number;
  cls: string;
  cards: number;
  /** C order. */
  shape?: number[];
  dtype?: string;
  nan?: number;
  /** null where no pixel is a number. */
  min?: number | null;
  max?: number | null;
  mean?: number | null;
  sha256_be_f8?: string;
  rows?: number;
  cols?: [name: string, format: string, unit: string | null][];
  groups?: number;
  /** Of random groups: the sum of all array values. */
  sum?: number;
  /** Tile compression and quantisation. */
  cmp?: string;
  zq?: string | null;
  /** Nothing to read. */
  data?: null;
  error?: string;
  deviations?: string[];
}

export function classOf(hdu: Hdu): string {
  if (hdu.tiles) return "CompImageHDU";
  if (hdu.type === "bintable") return "BinTableHDU";
  if (hdu.type === "table") return "TableHDU";
  if (hdu.type === "groups") return "GroupsHDU";
  if (hdu.type === "other") return hdu.index === 0 ? "_NonstandardHDU" : "NonstandardExtHDU";
  return hdu.index === 0 ? "PrimaryHDU" : "ImageHDU";
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function imageFacts(file: FitsFile, hdu: Hdu, stats: boolean): Partial<HduFacts> {
  if (!hdu.image) return { data: null };
  const shape = [...hdu.image.axes].reverse();
  const facts: Partial<HduFacts> = { shape, dtype: dtypeOf(hdu.image) };
  if (!stats || shape.includes(0)) return facts;
  const { min, max, mean, nan, sha256 } = imageStats(readImage(file, hdu).data);
  return { ...facts, nan, min: finite(min), max: finite(max), mean: finite(mean), sha256_be_f8: sha256 };
}

function tableFacts(file: FitsFile, hdu: Hdu): Partial<HduFacts> {
  const rows = Number(getValue(hdu.header, "NAXIS2"));
  const columns =
    hdu.type === "bintable"
      ? binaryColumns(hdu.header).map(({ name, tform, unit }) => ({ name, format: tform, unit }))
      : readTable(file, hdu).columns;
  return { rows, cols: columns.map(({ name, format, unit }) => [name, format, unit]) };
}

function groupFacts(file: FitsFile, hdu: Hdu, stats: boolean): Partial<HduFacts> {
  if (!stats) return { groups: Number(getValue(hdu.header, "GCOUNT") ?? 1) };
  const { count, shape, data } = readGroups(file, hdu);
  return { groups: count, shape: [count, ...shape], sum: data.reduce((sum, value) => sum + value, 0) };
}

/** What is known of an HDU; a failure to read its data becomes `error`. */
export function hduFacts(file: FitsFile, hdu: Hdu, stats: boolean): HduFacts {
  const base = {
    i: hdu.index,
    name: hdu.name,
    ver: hdu.version,
    cls: classOf(hdu),
    cards: hdu.header.cards.length,
  };
  const deviations = hdu.deviations.map(({ card, message }) =>
    card === null ? message : `card ${card}: ${message}`,
  );
  const odd = deviations.length > 0 ? { deviations } : {};
  try {
    const packed = hdu.tiles ? { cmp: String(getValue(hdu.stored, "ZCMPTYPE")), zq: hdu.tiles.quantiz } : {};
    if (hdu.type === "image") return { ...base, ...imageFacts(file, hdu, stats), ...packed, ...odd };
    if (hdu.type === "bintable" || hdu.type === "table") return { ...base, ...tableFacts(file, hdu), ...odd };
    if (hdu.type === "groups") return { ...base, ...groupFacts(file, hdu, stats), ...odd };
    return { ...base, data: null, ...odd };
  } catch (error) {
    if (!isIrisError(error)) throw error;
    return { ...base, ...odd, error: error.message };
  }
}

function dimensions(facts: HduFacts): string {
  if (facts.shape) return [...facts.shape].reverse().join("×");
  if (facts.cols) return `${facts.rows} rows × ${facts.cols.length} columns`;
  return facts.groups === undefined ? "–" : `${facts.groups} groups`;
}

function tableRow(facts: HduFacts, stats: boolean): string[] {
  const name = facts.ver === 1 ? facts.name : `${facts.name},${facts.ver}`;
  const row = [
    String(facts.i),
    name,
    facts.cls,
    dimensions(facts),
    facts.dtype ?? "",
    `${facts.cards} cards`,
  ];
  if (!stats || facts.nan === undefined) return stats ? [...row, "", "", "", "", ""] : row;
  const number = (value: number | null | undefined): string =>
    typeof value === "number" ? short(value) : "–";
  const values = [facts.min, facts.max, facts.mean].map(number);
  return [...row, ...values, String(facts.nan), facts.sha256_be_f8!];
}

const titles = ["#", "name", "class", "shape", "type", "header"];
const statTitles = ["min", "max", "mean", "NaN", "sha256"];

export function runInfo(cli: Cli, files: readonly string[], stats: boolean): void {
  const document: Record<string, { bytes: number; hdus: HduFacts[]; deviations: string[] }> = {};
  eachFile(cli, files, ({ given, file, hdu }) => {
    const hdus = (hdu ? [hdu] : file.hdus).map((each) => hduFacts(file, each, stats));
    if (hdus.some(({ error }) => error !== undefined)) cli.setExit(3);
    const deviations = file.deviations.map(({ message }) => message);
    document[given] = { bytes: statSync(file.path).size, hdus, deviations };
    if (cli.json) return;
    const rows = [
      stats ? [...titles, ...statTitles] : titles,
      ...hdus.map((facts) => tableRow(facts, stats)),
    ];
    cli.out(`${given}  ${file.size} bytes`);
    cli.out(formatColumns(rows, [0, 6, 7, 8, 9]));
    for (const { i, error } of hdus) if (error !== undefined) cli.err(`iris: HDU ${i}: ${error}`);
    for (const message of deviations) cli.err(`note: ${given}: ${message}`);
  });
  if (cli.json) cli.out(JSON.stringify({ v: 1, files: document }, null, 1));
}
