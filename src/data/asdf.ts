/** Arrays of numbers in an ASDF file (ASDF Standard 1.5: a tree in YAML, then blocks of bytes), by their path in the tree. */
import { createRequire } from "node:module";
import { inflateSync } from "node:zlib";
import type * as Yaml from "yaml";
import { CalibrationError, isIrisError } from "../errors.js";
import { decodeBzip2 } from "../fits/bzip2.js";

export interface NumberArray {
  shape: readonly number[];
  /** Complex numbers are pairs: real, imaginary. */
  complex: boolean;
  data: Float64Array;
}

/** "nrca1.gamma" → its array. */
export type Arrays = ReadonlyMap<string, NumberArray>;

/** @throws CalibrationError naming the file */
export function readArrays(bytes: Uint8Array, name: string): Arrays {
  const fail = (why: string, cause?: unknown): CalibrationError =>
    new CalibrationError(`cannot read reference ${name} — ${why}`, { cause });
  if (Buffer.from(bytes.subarray(0, 5)).toString("latin1") !== "#ASDF") throw fail("it isn't an ASDF file");
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOfTree(text);
  const { parseDocument } = createRequire(import.meta.url)("yaml") as typeof Yaml;
  const document = parseDocument(text.toString("utf8", 0, end), { logLevel: "error" });
  if (document.errors.length > 0) throw fail("its tree isn't YAML", document.errors[0]);
  const blocks = findBlocks(text, end);
  const found = new Map<string, NumberArray>();
  const visit = (node: unknown, path: string): void => {
    if (isStored(node)) found.set(path, decode(node, unpack(blocks, node.source)));
    else if (isInline(node)) found.set(path, inline("data" in node ? node.data : node));
    else if (isMap(node))
      for (const [key, value] of Object.entries(node)) visit(value, path === "" ? key : `${path}.${key}`);
  };
  try {
    visit(document.toJS(), "");
  } catch (cause) {
    throw fail(isIrisError(cause) ? cause.message : String((cause as Error).message), cause);
  }
  return found;
}

/** The line of three dots that ends the tree, or the end of a file without blocks. */
function endOfTree(text: Buffer): number {
  const at = ["\n...\n", "\n...\r\n"].map((mark) => text.indexOf(mark)).filter((place) => place >= 0);
  return at.length === 0 ? text.length : Math.min(...at) + 1;
}

interface Block {
  compression: string;
  bytes: Uint8Array;
  /** Bytes when unpacked. */
  size: number;
}

const MAGIC = Buffer.from([0xd3, 0x42, 0x4c, 0x4b]);

/** Blocks follow each other: magic, length of their head, head, data. */
function findBlocks(text: Buffer, from: number): Block[] {
  const blocks: Block[] = [];
  let at = text.indexOf(MAGIC, from);
  while (at >= 0 && text.subarray(at, at + 4).equals(MAGIC)) {
    const head = at + 6;
    const start = head + text.readUInt16BE(at + 4);
    const [allocated, used, size] = [8, 16, 24].map((offset) => Number(text.readBigUInt64BE(head + offset)));
    const compression = text.toString("latin1", head + 4, head + 8).replaceAll("\0", "");
    blocks.push({ compression, bytes: text.subarray(start, start + used!), size: size! });
    at = start + allocated!;
  }
  return blocks;
}

function unpack(blocks: readonly Block[], source: number): Uint8Array {
  const block = blocks[source];
  if (!block) throw new RangeError(`it has no block ${source}`);
  const { compression, bytes, size } = block;
  switch (compression) {
    case "":
      return bytes;
    case "zlib":
      return inflateSync(bytes);
    case "bzp2":
      return decodeBzip2(bytes, size);
    default:
      throw new RangeError(`its blocks are packed by ${compression}, which isn't read here`);
  }
}

interface Stored {
  source: number;
  datatype: string;
  shape: number[];
  byteorder?: string;
  offset?: number;
  strides?: number[];
}

const isMap = (node: unknown): node is Record<string, unknown> =>
  typeof node === "object" && node !== null && !Array.isArray(node);

const isStored = (node: unknown): node is Stored =>
  isMap(node) && Number.isInteger(node["source"]) && Array.isArray(node["shape"]);

const isInline = (node: unknown): node is { data: unknown[] } | unknown[] =>
  Array.isArray(node)
    ? numeric(node.flat(8))
    : isMap(node) && Array.isArray(node["data"]) && isInline(node["data"]);

const numeric = (cells: readonly unknown[]): boolean =>
  cells.length > 0 && cells.every((cell) => typeof cell === "number" || complexOf(cell) !== null);

/** "0.87-0.01j" as real and imaginary part. */
function complexOf(cell: unknown): [number, number] | null {
  const parts =
    typeof cell === "string" ? /^\(?(.*?[^eE+-])??([+-]?[^+-]*(?:[eE][+-]?\d+)?)[ij]\)?$/.exec(cell) : null;
  const both = parts?.slice(1).map((part) => (part === undefined ? 0 : Number(part)));
  return both?.every(Number.isFinite) ? [both[0]!, both[1]!] : null;
}

function inline(nested: unknown): NumberArray {
  const shape: number[] = [];
  for (let level = nested; Array.isArray(level); level = level[0] as unknown) shape.push(level.length);
  const cells = (nested as unknown[]).flat(shape.length - 1);
  const complex = cells.some((cell) => typeof cell === "string");
  const pair = (cell: unknown): readonly number[] => complexOf(cell) ?? [Number(cell), 0];
  return { shape, complex, data: Float64Array.from(complex ? cells.flatMap(pair) : cells.map(Number)) };
}

/** Bytes of a number, and how it is read. */
const types: Readonly<Record<string, [number, (view: DataView, at: number, little: boolean) => number]>> = {
  float32: [4, (view, at, little) => view.getFloat32(at, little)],
  float64: [8, (view, at, little) => view.getFloat64(at, little)],
  int8: [1, (view, at) => view.getInt8(at)],
  uint8: [1, (view, at) => view.getUint8(at)],
  int16: [2, (view, at, little) => view.getInt16(at, little)],
  uint16: [2, (view, at, little) => view.getUint16(at, little)],
  int32: [4, (view, at, little) => view.getInt32(at, little)],
  uint32: [4, (view, at, little) => view.getUint32(at, little)],
};

function decode({ datatype, shape, byteorder, offset = 0, strides }: Stored, bytes: Uint8Array): NumberArray {
  const complex = datatype === "complex64" || datatype === "complex128";
  const type = types[complex ? (datatype === "complex64" ? "float32" : "float64") : datatype];
  if (!type) throw new RangeError(`it holds ${JSON.stringify(datatype)}, which isn't read here`);
  const [width, get] = type;
  const cells = shape.reduce((a, b) => a * b, 1);
  const length = complex ? 2 * cells : cells;
  let stride = complex ? 2 * width : width;
  for (let k = shape.length - 1; strides && k >= 0; stride *= shape[k--]!)
    if (strides[k] !== stride) throw new RangeError("an array of it isn't contiguous");
  if (offset + length * width > bytes.length) throw new RangeError("a block of it is too short");
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length * width);
  const little = byteorder !== "big";
  return { shape, complex, data: Float64Array.from({ length }, (_, i) => get(view, i * width, little)) };
}
