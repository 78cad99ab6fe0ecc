/** What a tile-compressed image says about itself: geometry, algorithm, quantisation (FITS 4.0 §10.1, §10.2). */
import { FitsError } from "../../errors.js";
import type { Card } from "../cards.js";
import { binaryColumns, type ColumnInfo } from "../columns.js";
import { getValue, type Header } from "../header.js";
import type { Bitpix } from "../scan.js";
import type { Dither } from "./dither.js";

export interface TileInfo {
  algorithm: "RICE_1" | "GZIP_1" | "GZIP_2" | "HCOMPRESS_1" | "PLIO_1" | "NOCOMPRESS";
  bitpix: Bitpix;
  /** FITS order. */
  axes: number[];
  tile: number[];
  /** Tiles along each axis. */
  counts: number[];
  /** ZNAMEn → ZVALn: BLOCKSIZE, BYTEPIX, SMOOTH … */
  parameters: Record<string, number>;
  /** ZQUANTIZ as it stands, for listings. */
  quantiz: string | null;
  dither: Dither;
  dither0: number;
  zscale: number | null;
  zzero: number | null;
  zblank: number | null;
  /** BZERO of the image. */
  bzero: number;
  /** ZMASKCMP: how NULL_PIXEL_MASK is coded. */
  maskAlgorithm: string | null;
  columns: Partial<Record<ColumnName, ColumnInfo>>;
}

export type ColumnName =
  | "COMPRESSED_DATA"
  | "GZIP_COMPRESSED_DATA"
  | "UNCOMPRESSED_DATA"
  | "ZSCALE"
  | "ZZERO"
  | "ZBLANK"
  | "NULL_PIXEL_MASK";

const names: readonly ColumnName[] = [
  ...(["COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"] as const),
  ...(["ZSCALE", "ZZERO", "ZBLANK", "NULL_PIXEL_MASK"] as const),
];

const aliases: Readonly<Record<string, TileInfo["algorithm"]>> = {
  RICE_1: "RICE_1",
  // fpack writes this name with SUBTRACTIVE_DITHER_2.
  RICE_ONE: "RICE_1",
  GZIP_1: "GZIP_1",
  GZIP_2: "GZIP_2",
  HCOMPRESS_1: "HCOMPRESS_1",
  PLIO_1: "PLIO_1",
  NOCOMPRESS: "NOCOMPRESS",
};

export function algorithmNamed(name: string): TileInfo["algorithm"] {
  const algorithm = aliases[name.trim().toUpperCase()];
  if (!algorithm) {
    throw new FitsError(`ZCMPTYPE = ${JSON.stringify(name)} — not one of ${Object.keys(aliases).join(", ")}`);
  }
  return algorithm;
}

export const isTiledImage = (header: Header): boolean =>
  getValue(header, "ZIMAGE") === true && getValue(header, "ZCMPTYPE") !== undefined;

/** @throws FitsError naming the keyword that makes no sense. */
export function tileInfo(header: Header): TileInfo {
  const whole = (keyword: string, fallback?: number): number => {
    const value = getValue(header, keyword) ?? fallback;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw new FitsError(`${keyword} = ${String(value)} — a whole number is needed`);
  };
  const real = (keyword: string): number | null => {
    const value = getValue(header, keyword);
    return typeof value === "number" ? value : null;
  };
  const bitpix = getValue(header, "ZBITPIX");
  if (![8, 16, 32, 64, -32, -64].includes(bitpix as number))
    throw new FitsError(`ZBITPIX = ${String(bitpix)}`);
  const naxis = whole("ZNAXIS");
  if (naxis > 999) throw new FitsError(`ZNAXIS = ${naxis} — at most 999`);
  const axes = Array.from({ length: naxis }, (_, i) => whole(`ZNAXIS${i + 1}`));
  const tile = axes.map((length, i) =>
    Math.min(whole(`ZTILE${i + 1}`, i === 0 ? length : 1), Math.max(1, length)),
  );
  if (tile.some((n) => n === 0)) throw new FitsError("ZTILEn = 0");
  const parameters: Record<string, number> = {};
  for (let n = 1; getValue(header, `ZNAME${n}`) !== undefined && n < 1000; n++) {
    const value = getValue(header, `ZVAL${n}`);
    if (typeof value === "number") parameters[String(getValue(header, `ZNAME${n}`)).trim()] = value;
  }
  const columns: TileInfo["columns"] = {};
  for (const column of binaryColumns(header)) {
    const name = names.find((each) => each === column.name.toUpperCase());
    if (name) columns[name] = column;
  }
  const quantiz = getValue(header, "ZQUANTIZ");
  const dithers: Dither[] = ["SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2"];
  const mask = getValue(header, "ZMASKCMP");
  return {
    algorithm: algorithmNamed(String(getValue(header, "ZCMPTYPE"))),
    bitpix: bitpix as Bitpix,
    axes,
    tile,
    counts: axes.map((length, i) => Math.ceil(length / tile[i]!)),
    parameters,
    quantiz: typeof quantiz === "string" ? quantiz : null,
    dither: dithers.find((dither) => dither === quantiz) ?? "NO_DITHER",
    dither0: real("ZDITHER0") ?? 1,
    zscale: real("ZSCALE"),
    zzero: real("ZZERO"),
    zblank: real("ZBLANK") ?? real("BLANK"),
    bzero: real("BZERO") ?? 0,
    maskAlgorithm: typeof mask === "string" ? mask : null,
    columns,
  };
}

const renamed: Readonly<Record<string, string>> = {
  ZSIMPLE: "SIMPLE",
  ZTENSION: "XTENSION",
  ZEXTEND: "EXTEND",
  ZBITPIX: "BITPIX",
  ZNAXIS: "NAXIS",
  ZPCOUNT: "PCOUNT",
  ZGCOUNT: "GCOUNT",
  ZHECKSUM: "CHECKSUM",
  ZDATASUM: "DATASUM",
};

const dropped =
  /^(XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|(TTYPE|TFORM|TUNIT|TDIM|TNULL|TSCAL|TZERO|TDISP)\d+|ZIMAGE|ZCMPTYPE|ZTILE\d+|ZNAME\d+|ZVAL\d+|ZQUANTIZ|ZDITHER0|ZSCALE|ZZERO|ZBLANK|ZMASKCMP|ZBLOCKED|CHECKSUM|DATASUM|SIMPLE)$/;

/** EXTNAME of the image: writers put COMPRESSED_IMAGE in front of, or instead of, its own. */
export function tiledName(header: Header): string {
  const own = header.cards
    .filter(({ keyword, value }) => keyword === "EXTNAME" && typeof value === "string")
    .map(({ value }) => String(value).trim());
  return own.find((name) => name !== "COMPRESSED_IMAGE" && name !== "") ?? "COMPRESSED_IMAGE";
}

/** The header that the image had before it was compressed. */
export function imageHeader(header: Header): Header {
  const name = tiledName(header);
  const first: Card[] = [];
  const rest: Card[] = [];
  for (const card of header.cards) {
    const { keyword } = card;
    const axis = /^ZNAXIS(\d+)$/.exec(keyword);
    if (axis) first.push({ ...card, keyword: `NAXIS${axis[1]!}` });
    else if (renamed[keyword]) {
      const moved = { ...card, keyword: renamed[keyword] };
      if (keyword === "ZSIMPLE" || keyword === "ZTENSION") first.unshift(moved);
      else (/SUM$/.test(keyword) ? rest : first).push(moved);
    } else if (keyword === "EXTNAME" && card.value === "COMPRESSED_IMAGE" && name !== "COMPRESSED_IMAGE")
      continue;
    else if (!dropped.test(keyword)) rest.push(card);
  }
  const opening: Card[] = /^(SIMPLE|XTENSION)$/.test(first[0]?.keyword ?? "")
    ? []
    : [{ keyword: "XTENSION", value: "IMAGE", comment: "image extension" }];
  return { cards: [...opening, ...first, ...rest] };
}
