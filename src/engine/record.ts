/** The record inside a product from which it can be checked and made again: table IRIS_PROV, one JSON text. */
import { basename } from "node:path";
import type { HduSpec } from "../fits/index.js";
import { version } from "../package.js";
import { identity, type Fingerprint } from "./fingerprint.js";
import type { PlannedProduct } from "./plan-types.js";

/** The record that rebuilds the product: the plan of this product with the hashes of what went in. */
export interface ProvenanceRecord {
  v: 1;
  iris: string;
  command: string;
  context: string | null;
  fingerprint: string;
  product: PlannedProduct;
  hashes: Record<string, string>;
}

/** The record as the text of the IRIS_PROV table, in ASCII (FITS 4.0 §7.3.3); hashes are of one length, so that the size is known beforehand. */
export const recordText = (record: ProvenanceRecord): string =>
  JSON.stringify(record).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

export function provenanceRecord(
  product: PlannedProduct,
  context: string | null,
  command: string,
  print: Fingerprint,
  hashes: Readonly<Record<string, string>>,
): ProvenanceRecord {
  return {
    v: 1,
    iris: version,
    command,
    context,
    fingerprint: identity(print),
    product: {
      ...product,
      output: basename(product.output),
      quicklook: product.quicklook && basename(product.quicklook),
      ...(product.beside ? { beside: product.beside.map((path) => basename(path)) } : {}),
      fingerprint: null,
      reasons: [],
      detail: "",
    },
    hashes: { ...hashes },
  };
}

export const provenanceSpec = (text: string): HduSpec => ({
  type: "bintable",
  name: "IRIS_PROV",
  rows: 1,
  rowBytes: text.length,
  columns: [{ name: "RECORD", tform: `${text.length}A` }],
  cards: [],
});

/** A hash that stands for one that isn't known yet. */
export const unknownHash = "0".repeat(32);

export const unknownPrint: Fingerprint = {
  inputs: "0".repeat(16),
  code: "0".repeat(16),
  params: "0".repeat(16),
  refs: "0".repeat(16),
};
