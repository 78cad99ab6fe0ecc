import { crc32, inflateSync } from "node:zlib";
import test from "ava";
import { averageOf, gridOf, sumRows } from "../../src/report/blocks.js";
import { BAD_INDEX, colorMaps, paletteOf } from "../../src/report/colormap.js";
import { encodePng } from "../../src/report/png.js";
import { makeQuicklook, openQuicklook } from "../../src/report/quicklook.js";
import { normal } from "../helpers/images.js";

interface Chunk {
  type: string;
  data: Buffer;
}

/** The chunks of a PNG, each with the right checksum. */
function chunksOf(png: Uint8Array): Chunk[] {
  const bytes = Buffer.from(png);
  const chunks: Chunk[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    if (bytes.readUInt32BE(at + 8 + length) !== crc32(body)) throw new Error("wrong checksum");
    chunks.push({ type: body.toString("latin1", 0, 4), data: body.subarray(4) });
    at += 12 + length;
  }
  return chunks;
}

/** Indices of an indexed PNG, row by row from the top, without the filter bytes. */
function indicesOf(png: Uint8Array): number[][] {
  const chunks = chunksOf(png);
  const width = chunks[0]!.data.readUInt32BE(0);
  const data = inflateSync(chunks.find(({ type }) => type === "IDAT")!.data);
  const rows: number[][] = [];
  for (let at = 0; at < data.length; at += width + 1) rows.push([...data.subarray(at + 1, at + 1 + width)]);
  return rows;
}

test("a PNG has its signature, IHDR first, IEND last, and its pixels back after inflating", (t) => {
  const png = encodePng(Uint8Array.of(1, 2, 3, 9, 8, 7), 3, 2, { texts: { Software: "iris" } });
  t.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = chunksOf(png);
  t.deepEqual(
    chunks.map(({ type }) => type),
    ["IHDR", "tEXt", "IDAT", "IEND"],
  );
  // grey, filter 1 (difference to the left): 1 1 1, 9 −1 −1
  t.deepEqual([...inflateSync(chunks[2]!.data)], [1, 1, 1, 1, 1, 9, 255, 255]);
});

test("RGB: three bytes per pixel, colour type 2, differences to the same channel", (t) => {
  const chunks = chunksOf(encodePng(Uint8Array.of(10, 20, 30, 11, 22, 33), 2, 1));
  t.is(chunks[0]!.data[9], 2);
  t.deepEqual([...inflateSync(chunks[1]!.data)], [1, 10, 20, 30, 1, 2, 3]);
});

test("blocks average their good pixels; a block without any is NaN; edge blocks are smaller", (t) => {
  const grid = gridOf(3, 3, 2);
  t.deepEqual(grid, { nx: 3, ny: 3, factor: 2, width: 2, height: 2 });
  const sci = Float32Array.of(1, 3, 7, 5, NaN, 9, 2, 4, 100);
  const dq = Uint32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1);
  t.deepEqual([...averageOf(grid, [sumRows(grid, 0, 3, sci, dq)])], [3, 8, 3, NaN]);
});

test("the order and height of the pieces don't change the picture", (t) => {
  const gauss = normal(3);
  const [nx, ny] = [90, 77];
  const sci = Float32Array.from({ length: nx * ny }, () => gauss());
  const dq = new Uint32Array(nx * ny);
  const whole = makeQuicklook({ sci, dq, nx, ny }, { size: 40 });
  const look = openQuicklook({ nx, ny, size: 40 });
  for (let y0 = 70; y0 >= 0; y0 -= 10) {
    const [from, to] = [y0 * nx, Math.min(ny, y0 + 10) * nx];
    look.addRows(y0, (to - from) / nx, sci.subarray(from, to), dq.subarray(from, to));
  }
  t.deepEqual(look.png(), whole);
});

test("the first row of the frame is the lowest of the picture, black is 0, white 254, bad 255", (t) => {
  const png = makeQuicklook(
    { sci: Float32Array.of(0, 10, 10, 5), dq: Uint32Array.of(0, 0, 1, 0), nx: 2, ny: 2 },
    { size: 2, stretch: "linear", range: { low: 0, high: 10 } },
  );
  t.deepEqual(indicesOf(png), [
    [BAD_INDEX, 127],
    [0, 254],
  ]);
});

test("small frames are magnified by a whole number, never beyond the size asked for", (t) => {
  const picture = openQuicklook({ nx: 3, ny: 2, size: 8 });
  picture.addRows(0, 2, Float32Array.of(1, 2, 3, 4, 5, 6), null);
  const { width, height, png } = picture.picture();
  t.deepEqual([width, height], [6, 4]);
  const rows = indicesOf(png);
  t.deepEqual(rows[0], rows[1]);
  t.is(rows[0]![0], rows[0]![1]);
});

test("a frame without a good pixel still makes a picture", (t) => {
  const png = makeQuicklook({ sci: Float32Array.of(NaN, NaN), dq: null, nx: 2, ny: 1 }, { size: 2 });
  t.deepEqual(indicesOf(png), [[BAD_INDEX, BAD_INDEX]]);
});

test("lightness grows along each colour map", (t) => {
  for (const map of colorMaps) {
    const palette = paletteOf(map);
    const lightness = Array.from(
      { length: 255 },
      (_, i) => 0.2126 * palette[3 * i]! + 0.7152 * palette[3 * i + 1]! + 0.0722 * palette[3 * i + 2]!,
    );
    t.true(lightness.every((value, i) => i === 0 || value >= lightness[i - 1]! - 0.3));
  }
});
