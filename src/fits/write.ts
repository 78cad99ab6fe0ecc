/** Small whole files: typed arrays and cards in, a FITS file out. */
import type { Card } from "./cards.js";
import { toBigEndian } from "./bytes.js";
import { datasum } from "./checksum.js";
import type { TypedArray } from "./typed-array.js";
import type { Bitpix } from "./scan.js";
import type { HduSpec, ImageSpec } from "./structure.js";
import { encodeTable, type TableContent } from "./table-write.js";
import { createFits } from "./writer.js";

/** An image HDU by its array. */
export interface ImageContent {
  type?: "image";
  name?: string;
  version?: number;
  cards?: Card[];
  /** Absent: a header without data. Unsigned types get BZERO, Int8Array too. */
  data?: TypedArray;
  /** C order; one axis when absent. */
  shape?: number[];
}

export type HduContent = ImageContent | TableContent;

interface Encoded {
  spec: HduSpec;
  bytes: Uint8Array;
}

function bitpixOf(data: TypedArray): { bitpix: Bitpix; unsigned: boolean } {
  if (data instanceof Uint8Array) return { bitpix: 8, unsigned: false };
  if (data instanceof Int8Array) return { bitpix: 8, unsigned: true };
  if (data instanceof Float32Array) return { bitpix: -32, unsigned: false };
  if (data instanceof Float64Array) return { bitpix: -64, unsigned: false };
  const unsigned =
    data instanceof Uint16Array || data instanceof Uint32Array || data instanceof BigUint64Array;
  return { bitpix: (8 * data.BYTES_PER_ELEMENT) as Bitpix, unsigned };
}

/** An array's specification and its bytes as they stand in the file. */
export function encodeImage(content: ImageContent): Encoded {
  const { name, version, cards = [], data } = content;
  const named = {
    cards,
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
  };
  if (!data) return { spec: { ...named, bitpix: 8, axes: [] }, bytes: new Uint8Array(0) };
  const { bitpix, unsigned } = bitpixOf(data);
  const bytes = toBigEndian(data);
  if (unsigned) {
    // BZERO = 2^(n-1): the top bit of every sample turns.
    for (let i = 0; i < bytes.length; i += data.BYTES_PER_ELEMENT) bytes[i] = bytes[i]! ^ 0x80;
  }
  const axes = [...(content.shape ?? [data.length])].reverse();
  const spec: ImageSpec = { ...named, bitpix, axes, ...(unsigned ? { unsigned } : {}) };
  return { spec, bytes };
}

/** Writes a whole file, atomically. For what fits in memory; `createFits` writes the rest by position. */
export function writeFits(path: string, contents: readonly HduContent[]): void {
  const encoded = contents.map((content): Encoded =>
    content.type === "bintable" ? encodeTable(content) : encodeImage(content),
  );
  const writer = createFits(
    path,
    encoded.map(({ spec }) => spec),
  );
  try {
    encoded.forEach(({ bytes }, index) => {
      writer.write(writer.layout.hdus[index]!.dataStart, bytes);
    });
    writer.finish({ datasums: encoded.map(({ bytes }) => datasum(bytes)) });
  } catch (error) {
    writer.abort();
    throw error;
  }
}
