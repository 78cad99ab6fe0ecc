/** Packed tiles as a table: a row of descriptors and scales for each, then the heap (FITS 4.0 §10.1.3). */
import type { Card } from "../cards.js";
import type { TableSpec } from "../structure.js";

/** What a tile's row holds; absent cells are empty. */
export interface PackedRow {
  data?: Uint8Array;
  /** The tile as it is, where it couldn't be quantised. */
  whole?: Uint8Array;
  mask?: Uint8Array;
  scale?: number;
  zero?: number;
}

type Cells = "data" | "whole" | "mask";

const names: Readonly<Record<Cells, string>> = {
  data: "COMPRESSED_DATA",
  whole: "GZIP_COMPRESSED_DATA",
  mask: "NULL_PIXEL_MASK",
};

/**
 * @param scaled the rows have ZSCALE and ZZERO.
 * @param code type of COMPRESSED_DATA's elements: line lists are 16-bit words, and readers want them declared so.
 */
export function packTable(
  rows: readonly PackedRow[],
  scaled: boolean,
  cards: Card[],
  code: "B" | "I",
): { spec: TableSpec; bytes: Uint8Array } {
  const columns: Cells[] = ["data"];
  if (scaled) columns.push("whole");
  if (rows.some(({ mask }) => mask)) columns.push("mask");
  const heap = rows.reduce(
    (sum, row) => columns.reduce((part, name) => part + (row[name]?.length ?? 0), sum),
    0,
  );
  const wide = heap >= 2 ** 31;
  const descriptor = wide ? 16 : 8;
  const rowBytes = columns.length * descriptor + (scaled ? 16 : 0);
  const out = new Uint8Array(rows.length * rowBytes + heap);
  const view = new DataView(out.buffer);
  let end = 0;
  const longest: Record<Cells, number> = { data: 0, whole: 0, mask: 0 };
  const unitOf = (name: Cells): number => (name === "data" && code === "I" ? 2 : 1);
  rows.forEach((row, i) => {
    let at = i * rowBytes;
    for (const name of columns) {
      const bytes = row[name];
      if (bytes) {
        const elements = bytes.length / unitOf(name);
        longest[name] = Math.max(longest[name], elements);
        if (wide) {
          view.setBigInt64(at, BigInt(elements));
          view.setBigInt64(at + 8, BigInt(end));
        } else {
          view.setInt32(at, elements);
          view.setInt32(at + 4, end);
        }
        out.set(bytes, rows.length * rowBytes + end);
        end += bytes.length;
      }
      at += descriptor;
    }
    if (!scaled) return;
    view.setFloat64(at, row.scale ?? 0);
    view.setFloat64(at + 8, row.zero ?? 0);
  });
  const form = (name: Cells): string =>
    `1${wide ? "Q" : "P"}${name === "data" ? code : "B"}(${longest[name]})`;
  const spec: TableSpec = {
    type: "bintable",
    rows: rows.length,
    rowBytes,
    heap,
    columns: [
      ...columns.map((name) => ({ name: names[name], tform: form(name) })),
      ...(scaled
        ? [
            { name: "ZSCALE", tform: "1D" },
            { name: "ZZERO", tform: "1D" },
          ]
        : []),
    ],
    cards,
  };
  return { spec, bytes: out };
}
