/** Tables in a product's file: what the flags of a reference mean, and what the headers of its inputs said. */
import { basename } from "node:path";
import { differing } from "../data/blend.js";
import { flagColumns } from "../data/dq-def.js";
import type { Keywords, KeywordValue } from "../data/exposure.js";
import { encodeTable, type ColumnContent } from "../fits/index.js";
import { isWcsKeyword } from "../wcs/index.js";
import type { PlannedProduct } from "./plan-types.js";
import { isOwnKeyword } from "./product-cards.js";

export type ProductTable = ReturnType<typeof encodeTable>;

export function productTables(product: PlannedProduct, headers: readonly Keywords[]): ProductTable[] {
  const tables = [
    ...(product.keywords["REFTYPE"] === undefined ? [] : [{ name: "DQ_DEF", columns: flagColumns() }]),
    ...(product.inputs.length < 2 ? [] : [{ name: "HDRTAB", columns: headerColumns(product, headers) }]),
  ];
  return tables.map((table) => encodeTable({ type: "bintable", ...table }));
}

/** One row per input: its file, and the keywords that aren't the same in all. */
function headerColumns({ inputs }: PlannedProduct, headers: readonly Keywords[]): ColumnContent[] {
  const keywords = differing(headers).filter((keyword) => !isOwnKeyword(keyword) && !isWcsKeyword(keyword));
  return [
    { name: "FILENAME", data: inputs.map(({ path }) => basename(path)) },
    ...keywords.map((keyword) =>
      columnOf(
        keyword,
        headers.map((header) => header[keyword]),
      ),
    ),
  ];
}

/** Numbers where all are; text otherwise. Names of columns have no hyphens (FITS 4.0 §7.3.2). */
function columnOf(keyword: string, values: readonly (KeywordValue | undefined)[]): ColumnContent {
  const isNumber = values.every((value) => value === undefined || typeof value === "number");
  return {
    name: keyword.replaceAll("-", "_"),
    data: isNumber
      ? Float64Array.from(values, (value) => (value as number | undefined) ?? NaN)
      : values.map((value) => String(value ?? "")),
  };
}
