/** Images into tiles: Rice for integers, shuffled gzip for floats, both without loss; row tiles as fpack makes them. */
import { gzipSync } from "node:zlib";
import { FitsError } from "../../errors.js";
import { toBigEndian, toNativeOrder } from "../bytes.js";
import { describeHdu, type FitsFile, type Hdu } from "../file.js";
import { readRows } from "../image.js";
import type { TypedArray } from "../typed-array.js";
import type { TableSpec } from "../structure.js";
import { gridOf, regionSize, tileOf, wholeImage, type Region } from "./grid.js";
import { encodeHcompress } from "./hcompress-encode.js";
import { packedCards, riceBlock } from "./pack-cards.js";
import { algorithmFor, tileFor, type PackAlgorithm, type PackOptions } from "./pack-options.js";
import { packTable, type PackedRow } from "./pack-table.js";
import { encodePlio, fitsPlio } from "./plio-encode.js";
import { encodeQuantised } from "./quantise.js";
import { encodeRice } from "./rice-encode.js";
import { shuffle } from "./shuffle.js";

function packBytes(values: TypedArray, algorithm: PackAlgorithm): Uint8Array {
  const size = values.BYTES_PER_ELEMENT;
  const bytes = toBigEndian(values);
  if (algorithm === "NOCOMPRESS") return bytes;
  return gzipSync(algorithm === "GZIP_1" ? bytes : shuffle(bytes, size), { level: 6 });
}

/** 16-bit pixels with BZERO = 32768 are stored unsigned in line lists, which hold no negative numbers. */
function packMask(values: TypedArray, bzero: number, subject: string): Uint8Array {
  const shift = values instanceof Int16Array && bzero === 32768 ? 32768 : 0;
  const pixels = Int32Array.from(values as Int16Array, (value) => value + shift);
  if (!fitsPlio(pixels)) {
    throw new FitsError(`cannot pack: ${subject} — PLIO_1 holds numbers from 0 to 16777215 only`, {
      hint: "iris fits pack --algorithm rice",
    });
  }
  return encodePlio(pixels);
}

/** What packing one tile needs to know. */
interface Packing {
  algorithm: PackAlgorithm;
  options: PackOptions;
  bzero: number;
  subject: string;
}

function packIntegers(values: TypedArray, box: Region, packing: Packing): Uint8Array {
  const { algorithm, bzero, subject, options } = packing;
  if (algorithm === "PLIO_1") return packMask(values, bzero, subject);
  if (algorithm === "HCOMPRESS_1") {
    const [width, height] = box.map(([from, to]) => to - from);
    return encodeHcompress(values as Int32Array, width!, height!, options.hcompress?.scale ?? 0);
  }
  if (algorithm === "RICE_1")
    return encodeRice(Int32Array.from(values as Int16Array), values.BYTES_PER_ELEMENT, riceBlock);
  return packBytes(values, algorithm);
}

function packTile(values: TypedArray, box: Region, tile: number, packing: Packing): PackedRow {
  const { algorithm, options } = packing;
  const float = values instanceof Float32Array || values instanceof Float64Array;
  if (!float) return { data: packIntegers(values, box, packing) };
  if (!options.quantise) return { data: packBytes(values, algorithm) };
  const coded = encodeQuantised(values, options.quantise, tile + 1);
  // Tiles without noise can't be quantised: they are kept whole.
  if (!coded) return { whole: packBytes(values, "GZIP_1") };
  const { integers, scale, zero, mask } = coded;
  return {
    data: packIntegers(integers, box, { ...packing, bzero: 0 }),
    scale,
    zero,
    ...(mask ? { mask: packBytes(mask, "GZIP_1") } : {}),
  };
}

/** Samples of one tile after the other: whole rows are read once for all tiles that lie side by side. */
function tileReader(file: FitsFile, hdu: Hdu): (box: Region) => TypedArray {
  const { bitpix, axes } = hdu.image!;
  const nx = axes[0]!;
  const sample = Math.abs(bitpix) / 8;
  let held = "";
  let rows = new Uint8Array(0);
  const load = (box: Region): void => {
    const [y0, y1] = box[1] ?? [0, 1];
    const planes = box.slice(2).reduce((product, [from, to]) => product * (to - from), 1);
    const size = (y1 - y0) * nx * sample;
    rows = new Uint8Array(planes * size);
    for (let n = 0; n < planes; n++) {
      let [plane, stride, rest] = [0, 1, n];
      for (let axis = 2; axis < box.length; axis++) {
        const [from, to] = box[axis]!;
        plane += (from + (rest % (to - from))) * stride;
        rest = Math.floor(rest / (to - from));
        stride *= axes[axis]!;
      }
      readRows(file, hdu, plane, y0, y1 - y0, rows.subarray(n * size, (n + 1) * size));
    }
  };
  return (box) => {
    const key = box.slice(1).join();
    if (key !== held || rows.length === 0) load(box);
    held = key;
    const [x0, x1] = box[0]!;
    const out = new Uint8Array(regionSize(box) * sample);
    const run = (x1 - x0) * sample;
    for (let at = 0, from = x0 * sample; at < out.length; at += run, from += nx * sample) {
      out.set(rows.subarray(from, from + run), at);
    }
    return toNativeOrder(out, bitpix);
  };
}

/**
 * A plain image as a compressed table: its specification and its bytes.
 *
 * @throws FitsError when the HDU holds no image or the tiles don't suit the algorithm.
 */
export function packImage(
  file: FitsFile,
  hdu: Hdu,
  options: PackOptions,
): { spec: TableSpec; bytes: Uint8Array } {
  const { image } = hdu;
  const subject = describeHdu(file, hdu);
  if (!image || hdu.tiles || image.axes.includes(0)) {
    throw new FitsError(`cannot pack: ${subject} — it holds no plain image`);
  }
  const { bitpix, axes, bzero } = image;
  const algorithm = algorithmFor(bitpix, axes, options);
  const tile = tileFor(axes, algorithm, options);
  const counts = axes.map((length, i) => Math.ceil(length / tile[i]!));
  const grid = gridOf({ tile }, wholeImage(axes));
  const packing: Packing = { algorithm, options, bzero, subject };
  const read = tileReader(file, hdu);
  const rows: PackedRow[] = [];
  for (let n = 0; n < grid.size; n++) {
    const { box } = tileOf({ tile, axes, counts }, grid, n);
    rows.push(packTile(read(box), box, n, packing));
  }
  const cards = packedCards(hdu, algorithm, tile, options);
  return packTable(rows, bitpix < 0 && options.quantise !== null, cards, algorithm === "PLIO_1" ? "I" : "B");
}
