/**
 * Content hashes of files, each computed once: remembered by (device, inode, size, mtime in ns) as git's index does.
 *
 * Raw pixels get a tree hash whose leaves are blocks of LEAF_ROWS rows, so that workers can hash the bands that they
 * read anyway, in any order; references get a sha256.
 */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { FitsFile, Hdu } from "../fits/index.js";
import { readRows } from "../fits/index.js";
import { userCacheFolder, type Host } from "../host.js";
import { hashRow } from "../kernels/hash.js";
import { makeFolder } from "./outputs.js";

/** Bands start at multiples of this many rows. */
export const LEAF_ROWS = 16;

const MASK = (1n << 64n) - 1n;

/** Ties a leaf's hash to its place, so that leaves can be added up in any order. */
const placed = (hash: bigint, index: number): bigint => {
  const h = ((hash ^ (BigInt(index) * 0x9e3779b97f4a7c15n)) * 0xd6e8feb86659fd93n) & MASK;
  return ((h ^ (h >> 32n)) * 0xd6e8feb86659fd93n) & MASK;
};

/** Sum of the leaf hashes of rows [y0, y0+ny) of a plane; `bytes` holds just these rows. */
export function hashRows(
  bytes: Uint8Array,
  rowBytes: number,
  plane: number,
  y0: number,
  ny: number,
  frameNy: number,
): bigint {
  const leaves = Math.ceil(frameNy / LEAF_ROWS);
  let sum = 0n;
  for (let y = 0; y < ny; y += LEAF_ROWS) {
    const leaf = bytes.subarray(y * rowBytes, Math.min(y + LEAF_ROWS, ny) * rowBytes);
    sum += placed(hashRow(leaf), plane * leaves + (y0 + y) / LEAF_ROWS);
  }
  return sum & MASK;
}

export const addHashes = (a: bigint, b: bigint): bigint => (a + b) & MASK;

/** Many planes of fewer bytes aren't planes of pixels, but the reads of one. */
const SMALLEST_PLANE = 4096;
const MANY_PLANES = 4096;

/**
 * Rows and planes of an HDU's data as the tree sees them; a table, a vector, or samples stored pixel by pixel are a
 * stream of bytes: null.
 */
export function planesOf(hdu: Hdu): { rowBytes: number; ny: number; planes: number } | null {
  const axes = hdu.image?.axes;
  if (!axes || axes.length < 2 || axes.some((n) => n === 0)) return null;
  const [nx, ny, ...rest] = axes as [number, number, ...number[]];
  const rowBytes = (nx * Math.abs(hdu.image!.bitpix)) / 8;
  const planes = rest.reduce((a, b) => a * b, 1);
  if (rowBytes * ny < SMALLEST_PLANE && planes > MANY_PLANES) return null;
  return { rowBytes, ny, planes };
}

/** The tree hash of one HDU's data, read here. */
function hashData(file: FitsFile, hdu: Hdu): bigint {
  const shape = planesOf(hdu);
  if (!shape) return hashStream(file, hdu);
  let sum = 0n;
  const rows = Math.max(LEAF_ROWS, Math.floor(4_194_304 / shape.rowBytes / LEAF_ROWS) * LEAF_ROWS);
  const buffer = new Uint8Array(Math.min(rows, shape.ny) * shape.rowBytes);
  for (let plane = 0; plane < shape.planes; plane++)
    for (let y = 0; y < shape.ny; y += rows) {
      const ny = Math.min(rows, shape.ny - y);
      const bytes = buffer.subarray(0, ny * shape.rowBytes);
      readRows(file, hdu, plane, y, ny, bytes);
      sum = addHashes(sum, hashRows(bytes, shape.rowBytes, plane, y, ny, shape.ny));
    }
  return sum;
}

const BLOCK = 1_048_576;

function hashStream(file: FitsFile, hdu: Hdu): bigint {
  let sum = 0n;
  const buffer = new Uint8Array(Math.min(BLOCK, hdu.dataSize));
  for (let at = 0, i = 0; at < hdu.dataSize; at += BLOCK, i++) {
    const bytes = buffer.subarray(0, Math.min(BLOCK, hdu.dataSize - at));
    file.readBytes(hdu.dataStart + at, bytes);
    sum = addHashes(sum, placed(hashRow(bytes), i));
  }
  return sum;
}

/**
 * Content hash of a FITS file: headers and data of every HDU. `known` holds the data hashes that a run has
 * computed on the bytes it read; the others are read here.
 */
export function contentHash(file: FitsFile, known: ReadonlyMap<number, bigint> = new Map()): string {
  const hash = createHash("sha256");
  for (const hdu of file.hdus) {
    const header = new Uint8Array(hdu.dataStart - hdu.headerStart);
    file.readBytes(hdu.headerStart, header);
    hash.update(header);
    hash.update((known.get(hdu.index) ?? hashData(file, hdu)).toString(16));
  }
  return hash.digest("hex").slice(0, 32);
}

/** sha256 of a whole file, in 1 MiB blocks. */
export function sha256File(path: string): string {
  const hash = createHash("sha256");
  const fd = openSync(path, "r");
  try {
    const buffer = new Uint8Array(BLOCK);
    for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer)) hash.update(buffer.subarray(0, n));
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}

type HashKind = "content" | "sha256";

/** What is already known of files on this machine; shared by all processes of the user, append-only. */
export interface HashMemory {
  get(path: string, kind: HashKind): string | undefined;
  set(path: string, kind: HashKind, hash: string): void;
}

/** A file changed less than this before it was hashed may change again within one tick of its clock. */
const RACY_NS = 100_000_000n;
const COMPACT_ABOVE = 4_000_000;

export function openHashMemory(host: Host): HashMemory {
  const folder = userCacheFolder(host.env);
  const store = folder && join(folder, "hashes.jsonl");
  let text = "";
  try {
    if (store) text = readFileSync(store, "utf8");
  } catch {
    // No memory yet: every file is hashed when it is first needed.
  }
  if (store && text.length > COMPACT_ABOVE) compact(store, parseLines(text));
  const find = finder(text);
  const added = new Map<string, string>();
  const hashOf = (key: string): string | undefined => added.get(key) ?? find(key);

  const keyOf = (path: string, kind: HashKind): { key: string; mtime: bigint } => {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return { key: `${kind}:${dev}:${ino}:${size}:${mtimeNs}`, mtime: mtimeNs };
  };
  return {
    get: (path, kind) => hashOf(keyOf(path, kind).key),
    set(path, kind, hash) {
      const { key, mtime } = keyOf(path, kind);
      if (BigInt(Date.now()) * 1_000_000n - mtime < RACY_NS || hashOf(key) === hash) return;
      added.set(key, hash);
      if (!store) return;
      try {
        makeFolder(dirname(store));
        appendFileSync(store, `${key} ${hash}\n`);
      } catch {
        // The memory only saves time: a read-only home costs a re-hash, never a result.
      }
    },
  };
}

/** Lookups up to which searching the text is faster than taking it apart. */
const FEW = 32;

/** The hash of a key among lines of key and hash; the last one counts. */
function finder(text: string): (key: string) => string | undefined {
  let parsed: ReadonlyMap<string, string> | null = null;
  let asked = 0;
  return (key) => {
    if (parsed === null && asked++ < FEW) {
      const wanted = `${key} `;
      let line = -1;
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1))
        if (at === 0 || text[at - 1] === "\n") line = at;
      return line < 0
        ? undefined
        : /^\S+/.exec(text.slice(line + wanted.length, line + wanted.length + 128))?.[0];
    }
    parsed ??= parseLines(text);
    return parsed.get(key);
  };
}

function parseLines(text: string): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [key, hash] = line.split(" ");
    if (key && hash) known.set(key, hash);
  }
  return known;
}

function compact(store: string, known: ReadonlyMap<string, string>): void {
  const temporary = `${store}.tmp-${process.pid}`;
  try {
    writeFileSync(
      temporary,
      [...known]
        .map(([key, hash]) => `${key} ${hash}\n`)
        .slice(-10_000)
        .join(""),
    );
    renameSync(temporary, store);
  } catch {
    // As above.
  }
}
