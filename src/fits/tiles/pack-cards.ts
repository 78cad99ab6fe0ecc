/** The header of a packed image: its own keywords under names that keep them through the table (FITS 4.0 §10.1.2). */
import type { Card } from "../cards.js";
import type { Hdu } from "../file.js";
import type { PackAlgorithm, PackOptions } from "./pack-options.js";

export const riceBlock = 32;

/** Stands for NaN among quantised pixels. */
const blank = -2147483647;

const tableOnly = /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|EXTEND|CHECKSUM|DATASUM)$/;

function parameterCards(algorithm: PackAlgorithm, bytesPerPixel: number, options: PackOptions): Card[] {
  const named = (pairs: [string, number][]): Card[] =>
    pairs.flatMap(([name, value], i) => [
      { keyword: `ZNAME${i + 1}`, value: name },
      { keyword: `ZVAL${i + 1}`, value },
    ]);
  if (algorithm === "RICE_1") {
    return named([
      ["BLOCKSIZE", riceBlock],
      ["BYTEPIX", bytesPerPixel],
    ]);
  }
  if (algorithm !== "HCOMPRESS_1") return [];
  return named([
    ["SCALE", options.hcompress?.scale ?? 0],
    ["SMOOTH", options.hcompress?.smooth === true ? 1 : 0],
  ]);
}

function quantisationCards({ quantise }: PackOptions): Card[] {
  if (!quantise) return [{ keyword: "ZQUANTIZ", value: "NONE" }];
  return [
    { keyword: "ZQUANTIZ", value: quantise.dither },
    ...(quantise.dither === "NO_DITHER" ? [] : [{ keyword: "ZDITHER0", value: quantise.seed }]),
    quantise.mask === true
      ? { keyword: "ZMASKCMP", value: "GZIP_1", comment: "NaN pixels have masks" }
      : { keyword: "ZBLANK", value: blank, comment: "stands for NaN" },
  ];
}

/** Cards of the table that holds the image of `hdu` in tiles of this shape. */
export function packedCards(
  hdu: Hdu,
  algorithm: PackAlgorithm,
  tile: readonly number[],
  options: PackOptions,
): Card[] {
  const { bitpix, axes } = hdu.image!;
  const primary = hdu.index === 0;
  const quantised = bitpix < 0 && options.quantise !== null;
  const sums: Card[] = hdu.header.cards
    .filter(({ keyword }) => keyword === "CHECKSUM" || keyword === "DATASUM")
    .map((card) => ({ ...card, keyword: card.keyword === "CHECKSUM" ? "ZHECKSUM" : "ZDATASUM" }));
  return [
    { keyword: "ZIMAGE", value: true, comment: "this table holds a compressed image" },
    primary
      ? { keyword: "ZSIMPLE", value: true, comment: "it was a primary array" }
      : { keyword: "ZTENSION", value: "IMAGE", comment: "it was an image extension" },
    { keyword: "ZBITPIX", value: bitpix, comment: "BITPIX of the image" },
    { keyword: "ZNAXIS", value: axes.length },
    ...axes.map((value, i) => ({ keyword: `ZNAXIS${i + 1}`, value })),
    ...(primary
      ? [{ keyword: "ZEXTEND", value: true }]
      : [
          { keyword: "ZPCOUNT", value: 0 },
          { keyword: "ZGCOUNT", value: 1 },
        ]),
    ...tile.map((value, i) => ({ keyword: `ZTILE${i + 1}`, value })),
    { keyword: "ZCMPTYPE", value: algorithm },
    ...parameterCards(algorithm, quantised ? 4 : Math.abs(bitpix) / 8, options),
    ...(bitpix < 0 ? quantisationCards(options) : []),
    ...sums,
    ...hdu.header.cards.filter(({ keyword }) => !tableOnly.test(keyword)),
  ];
}
