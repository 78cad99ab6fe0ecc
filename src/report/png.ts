/** PNG files, 8 bits per sample: grey, RGB, or indices into a palette (W3C PNG, third edition). */
import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const GREY = 0;
const RGB = 2;
const INDEXED = 3;
const FILTER_NONE = 0;
const FILTER_SUB = 1;

export interface PngOptions {
  /** RGB triples, at most 256: makes `pixels` indices. */
  palette?: Uint8Array;
  /** tEXt chunks, Latin-1. */
  texts?: Readonly<Record<string, string>>;
}

/** `pixels`: rows from the top, 1 or 3 bytes each. The same pixels give the same bytes. */
export function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  { palette, texts = {} }: PngOptions = {},
): Uint8Array {
  const channels = pixels.length / (width * height);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = palette ? INDEXED : channels === 3 ? RGB : GREY;
  const rows = filterRows(pixels, width * channels, height, palette ? 0 : channels);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", palette)] : []),
    ...Object.entries(texts).map(([keyword, text]) =>
      chunk("tEXt", Buffer.from(`${keyword}\0${text}`, "latin1")),
    ),
    chunk("IDAT", deflateSync(rows, { level: 4 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** Each row behind its filter byte: indices as they are, samples as differences to those `reach` bytes before. */
function filterRows(pixels: Uint8Array, stride: number, height: number, reach: number): Uint8Array {
  const out = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    const at = y * (stride + 1);
    const row = pixels.subarray(y * stride, (y + 1) * stride);
    out.set(row, at + 1);
    out[at] = reach === 0 ? FILTER_NONE : FILTER_SUB;
    if (reach > 0) for (let x = reach; x < stride; x++) out[at + 1 + x] = row[x]! - row[x - reach]!;
  }
  return out;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  out.set(Buffer.from(type, "latin1"), 4);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}
