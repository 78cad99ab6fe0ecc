import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import test from "ava";
import fc from "fast-check";
import {
  openFits,
  packedPieces,
  readImage,
  readRows,
  readSection,
  unpackedPieces,
  writeFits,
  writePieces,
  type PackAlgorithm,
  type PackOptions,
  type TypedArray,
} from "../../src/fits/index.js";
import { ditherTable } from "../../src/fits/tiles/dither.js";
import { decodeHcompress } from "../../src/fits/tiles/hcompress.js";
import { encodeHcompress } from "../../src/fits/tiles/hcompress-encode.js";
import { decodePlio } from "../../src/fits/tiles/plio.js";
import { encodePlio } from "../../src/fits/tiles/plio-encode.js";
import { noiseOf } from "../../src/fits/tiles/quantise.js";
import { encodeRice } from "../../src/fits/tiles/rice-encode.js";
import { decodeRice, decodeRicePlain, riceScratch, type RicePixels } from "../../src/kernels/rice.js";
import { kernelMemory } from "../../src/kernels/memory.js";
import { inFolder } from "./helpers.js";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

test("the 10000th random number has the seed that the standard gives: 1043618065 (FITS 4.0, Appendix I)", (t) => {
  t.is(ditherTable[0], Math.fround(16807 / 2147483647));
  t.is(ditherTable[9999], Math.fround(1043618065 / 2147483647));
});

type PixelArray = new (memory: ArrayBufferLike | number, at?: number, length?: number) => RicePixels;

/** Decodes both ways: the plain twin, and the SIMD build in the kernels' memory. */
function riceTwins(Type: PixelArray, packed: Uint8Array, count: number): [RicePixels, number][] {
  const memory = kernelMemory();
  memory.reset();
  const place = memory.raw(4 * count);
  const inside = new Type(place.buffer, place.byteOffset, count).fill(77);
  const stream = memory.raw(packed.length);
  stream.set(packed);
  const scratch = memory.raw(riceScratch(packed.length));
  const outside = new Type(count).fill(77);
  return [
    [outside, decodeRicePlain(outside, packed, 32)],
    [inside, decodeRice(inside, stream, 32, scratch)],
  ];
}

const riceTypes = [
  [Uint8Array, 1, 0, 255],
  [Int16Array, 2, -32768, 32767],
  [Int32Array, 4, -(2 ** 31), 2 ** 31 - 1],
] as const;

test("decodeRice(encodeRice(pixels)) = pixels for 8, 16 and 32 bits, whatever they are", (t) => {
  for (const [Type, size, min, max] of riceTypes) {
    const wild = fc.integer({ min, max });
    const quiet = fc.integer({ min: 90, max: 110 });
    fc.assert(
      fc.property(fc.array(fc.oneof(quiet, quiet, wild), { minLength: 1, maxLength: 150 }), (values) => {
        const packed = encodeRice(Int32Array.from(values), size, 32);
        return riceTwins(Type as PixelArray, packed, values.length).every(
          ([pixels, held]) => held === -1 && isDeepStrictEqual([...pixels], values),
        );
      }),
    );
  }
  t.pass();
});

test("any bytes decode to the same pixels, and end at the same one, in plain and SIMD Rice", (t) => {
  const stream = fc.array(fc.oneof(fc.nat(255), fc.constant(0), fc.constant(255)), {
    minLength: 1,
    maxLength: 90,
  });
  for (const [Type] of riceTypes) {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 200 }), (bytes, count) => {
        const [plain, simd] = riceTwins(Type as PixelArray, Uint8Array.from(bytes), count);
        return plain![1] === simd![1] && isDeepStrictEqual([...plain![0]], [...simd![0]]);
      }),
    );
  }
  t.pass();
});

test("a Rice stream that ends early says at which pixel", (t) => {
  const values = Int32Array.from({ length: 64 }, (_, i) => (i * 7919) % 1000);
  const packed = encodeRice(values, 2, 32);
  for (const [, held] of riceTwins(Int16Array as PixelArray, packed.subarray(0, packed.length - 20), 64)) {
    t.true(held > 32 && held < 64);
  }
});

test("a line list of fpack: runs of 0 to 3 behind three zeros", (t) => {
  const packed = hex(
    "00000007ff9c001e00000000000020025004300250026001300150056001600130025004600160013001500560013002500220025004300250026001",
  );
  const out = new Int32Array(35);
  decodePlio(out, packed);
  const row = (y: number): number[] => Array.from({ length: 7 }, (_, x) => (x > 2 ? (x + y) % 4 : 0));
  t.deepEqual([...out], [0, 1, 2, 3, 4].flatMap(row));
});

test("decodePlio(encodePlio(mask)) = mask", (t) => {
  const value = fc.oneof(fc.constantFrom(0, 0, 1, 5), fc.integer({ min: 0, max: 2 ** 24 - 1 }));
  const run = fc.tuple(value, fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(5000)));
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 20 }), (runs) => {
      const mask = runs.flatMap(([number, length]) => new Array<number>(length).fill(number));
      const out = new Int32Array(mask.length);
      decodePlio(out, encodePlio(Int32Array.from(mask)));
      return isDeepStrictEqual([...out], mask);
    }),
  );
  t.pass();
});

const hcompressed =
  "dd990000000500000007000000000000000000000100070502fb20153001413002e23f4fde17fdfa6fe9680cb202c323fe0a5f55ee7de7fc1f41f400d3e7e7cf80";

test("an HCOMPRESS tile of fpack: x² + 10 y − 3 x y on 7×5 pixels", (t) => {
  const out = new Int32Array(35);
  decodeHcompress(out, hex(hcompressed), false);
  t.deepEqual(
    [...out],
    [0, 1, 2, 3, 4].flatMap((y) => Array.from({ length: 7 }, (_, x) => x * x + 10 * y - 3 * x * y)),
  );
});

test("HCOMPRESS refuses another size, another mark, a short stream", (t) => {
  const packed = hex(hcompressed);
  t.throws(
    () => {
      decodeHcompress(new Int32Array(36), packed, false);
    },
    { message: /7 pixels where 36/ },
  );
  t.throws(
    () => {
      decodeHcompress(new Int32Array(35), packed.subarray(0, 40), false);
    },
    { code: "E_FITS" },
  );
  t.throws(
    () => {
      decodeHcompress(new Int32Array(35), packed.subarray(1), false);
    },
    { message: /DD 99/ },
  );
});

const ramp = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => ((i * 2654435761) % 977) + (i % 12));
const lossless: PackOptions = { algorithm: "RICE_1", quantise: null };

/** Packs one image, opens the packed file and hands its second HDU over. */
function packed(
  data: TypedArray,
  shape: number[],
  options: PackOptions,
  use: (path: string, plain: string) => void,
): void {
  inFolder((folder) => {
    const plain = join(folder, "plain.fits");
    const path = join(folder, "packed.fits.fz");
    writeFits(plain, [{ data, shape, cards: [{ keyword: "OBJECT", value: "M 31" }] }]);
    const file = openFits(plain);
    writePieces(path, packedPieces(file, options));
    file.close();
    use(path, plain);
  });
}

test("unpack(pack(image)) = image for every type and algorithm that loses nothing", (t) => {
  const images: TypedArray[] = [
    Uint8Array.from(ramp(60), (v) => v & 255),
    Int16Array.from(ramp(60)),
    Uint16Array.from(ramp(60), (v) => 60 * v),
    Int32Array.from(ramp(60), (v) => v * 1e6),
    BigInt64Array.from(ramp(60), (v) => BigInt(v) << 40n),
    Float32Array.from(ramp(60), (v) => v / 7),
    Float64Array.from(ramp(60), (v, i) => (i === 3 ? NaN : v / 7)),
  ];
  for (const algorithm of [
    "RICE_1",
    "GZIP_1",
    "GZIP_2",
    "HCOMPRESS_1",
    "NOCOMPRESS",
  ] satisfies PackAlgorithm[]) {
    for (const data of images) {
      packed(data, [3, 4, 5], { algorithm, quantise: null }, (path) => {
        const file = openFits(path);
        t.deepEqual(readImage(file, file.hdus[1]!), { data, shape: [3, 4, 5] });
        file.close();
      });
    }
  }
});

test("tiles of any shape: a cube in blocks of 3×2×2, whole, and in columns", (t) => {
  const data = Int16Array.from(ramp(60));
  for (const tile of [
    [3, 2, 2],
    [0, 0, 0],
    [1, 4],
    [2, 3, 3],
  ]) {
    for (const algorithm of ["RICE_1", "GZIP_2"] satisfies PackAlgorithm[]) {
      packed(data, [3, 4, 5], { algorithm, quantise: null, tile }, (path) => {
        const file = openFits(path);
        t.deepEqual(readImage(file, file.hdus[1]!), { data, shape: [3, 4, 5] });
        file.close();
      });
    }
  }
});

test("decodeHcompress(encodeHcompress(pixels)) = pixels for tiles of 4×4 and more, whatever they are", (t) => {
  const pixel = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  const tile = fc
    .tuple(fc.integer({ min: 4, max: 13 }), fc.integer({ min: 4, max: 13 }))
    .chain(([width, height]) => {
      const length = width * height;
      return fc.tuple(fc.constant(width), fc.array(pixel, { minLength: length, maxLength: length }));
    });
  fc.assert(
    fc.property(tile, ([width, values]) => {
      const out = new Int32Array(values.length);
      decodeHcompress(out, encodeHcompress(values, width, values.length / width, 0), false);
      return isDeepStrictEqual([...out], values);
    }),
  );
  t.pass();
});

test("HCOMPRESS with a scale is smaller, and off by little", (t) => {
  const values = ramp(400);
  const exact = encodeHcompress(values, 20, 20, 0);
  const lossy = encodeHcompress(values, 20, 20, 16);
  t.true(lossy.length < exact.length);
  const out = new Int32Array(400);
  decodeHcompress(out, lossy, false);
  t.true(Math.max(...values.map((value, i) => Math.abs(value - out[i]!))) <= 16);
});

test("HCOMPRESS refuses tiles with fewer than four rows, and images that have no such tiles go by Rice", (t) => {
  const data = Int16Array.from(ramp(60));
  const options: PackOptions = { algorithm: "HCOMPRESS_1", quantise: null, tile: [5, 2] };
  t.throws(
    () => {
      packed(data, [6, 10], options, () => t.fail());
    },
    { message: /tiles of 5×2/ },
  );
  packed(data, [20, 3], { algorithm: "HCOMPRESS_1", quantise: null }, (path) => {
    const file = openFits(path);
    t.is(file.hdus[1]!.tiles?.algorithm, "RICE_1");
    t.deepEqual(readImage(file, file.hdus[1]!).data, data);
    file.close();
  });
});

test("NaN pixels in masks (ZMASKCMP) come back as NaN, also where HCOMPRESS loses", (t) => {
  const data = Float32Array.from(ramp(400), (v, i) => (i % 50 === 7 ? NaN : 100 + v / 100));
  const quantise = { level: 16, dither: "SUBTRACTIVE_DITHER_1", seed: 9, mask: true } as const;
  for (const algorithm of ["RICE_1", "HCOMPRESS_1"] satisfies PackAlgorithm[]) {
    packed(data, [20, 20], { algorithm, quantise, hcompress: { scale: 3, smooth: true } }, (path) => {
      const file = openFits(path);
      t.is(file.hdus[1]!.tiles?.maskAlgorithm, "GZIP_1");
      t.is(file.hdus[1]!.tiles?.zblank, null);
      readImage(file, file.hdus[1]!).data.forEach((value, i) => {
        t.is(Number.isNaN(value), i % 50 === 7);
      });
      file.close();
    });
  }
});

test("two threads decode what one decodes, and damage is reported all the same", (t) => {
  const [nx, ny] = [2048, 1040];
  const data = Uint16Array.from({ length: nx * ny }, (_, i) => 32000 + ((i * 7919) % 1600));
  packed(data, [ny, nx], lossless, (path) => {
    const file = openFits(path);
    const hdu = file.hdus[1]!;
    for (const threads of [1, 2, 2]) {
      t.true(Buffer.from(readImage(file, hdu, { threads }).data.buffer).equals(Buffer.from(data.buffer)));
    }
    // The first tile is kept from the image, whose signs were turned; rows are as the file has them.
    const row = new Uint8Array(2 * nx);
    readRows(file, hdu, 0, 0, 1, row);
    t.is(new DataView(row.buffer).getInt16(0), data[0]! - 32768);
    file.close();
    const bytes = readFileSync(path);
    // The descriptor of tile 901 points outside the heap.
    bytes.writeInt32BE(2 ** 30, hdu.dataStart + 8 * 900 + 4);
    writeFileSync(path, bytes);
    const damaged = openFits(path);
    t.throws(() => readImage(damaged, damaged.hdus[1]!, { threads: 2 }), {
      code: "E_FITS",
      message: /tile 901: .*HDU 1/,
    });
    damaged.close();
  });
});

test("rows and sections of a packed cube are those of the plain one", (t) => {
  packed(Int16Array.from(ramp(60)), [3, 4, 5], lossless, (path, plain) => {
    const file = openFits(path);
    const other = openFits(plain);
    const [a, b] = [new Uint8Array(20), new Uint8Array(20)];
    readRows(file, file.hdus[1]!, 2, 1, 2, a);
    readRows(other, other.hdus[0]!, 2, 1, 2, b);
    t.deepEqual(a, b);
    const section: [number, number][] = [
      [2, 3],
      [1, 4],
      [2, 3],
    ];
    t.deepEqual(readSection(file, file.hdus[1]!, section), readSection(other, other.hdus[0]!, section));
    file.close();
    other.close();
  });
});

test("unpacking gives the primary back, with its keywords", (t) => {
  packed(Uint16Array.from(ramp(60)), [12, 5], lossless, (path) => {
    const file = openFits(path);
    const out = `${path}.plain`;
    writePieces(out, unpackedPieces(file));
    file.close();
    const plain = openFits(out);
    t.is(plain.hdus.length, 1);
    t.deepEqual(readImage(plain, plain.hdus[0]!).data, Uint16Array.from(ramp(60)));
    t.true(
      plain.hdus[0]!.header.cards.some(({ keyword, value }) => keyword === "OBJECT" && value === "M 31"),
    );
    plain.close();
  });
});

test("quantised floats are off by half a step at most, NaN stays, exact zeros too with dither 2", (t) => {
  const data = Float32Array.from(ramp(400), (v, i) =>
    i % 50 === 7 ? NaN : i % 50 === 9 ? 0 : 100 + v / 100,
  );
  const step = 0.5;
  const quantise = { level: -step, dither: "SUBTRACTIVE_DITHER_2", seed: 42 } as const;
  packed(data, [4, 100], { algorithm: "RICE_1", quantise }, (path) => {
    const file = openFits(path);
    const back = readImage(file, file.hdus[1]!).data;
    data.forEach((value, i) => {
      if (value !== value || value === 0) t.is(back[i], value);
      else t.true(Math.abs(Number(back[i]) - value) <= step / 2 + 1e-4);
    });
    file.close();
  });
});

test("noise by third differences doesn't see a slope: 0.6052697 · median |2x₀ − x₋₂ − x₂|", (t) => {
  t.is(noiseOf(Array.from({ length: 20 }, (_, i) => 3 * i)), 0);
  // ±1 in pairs: |2x₀ − x₋₂ − x₂| = 4 everywhere
  t.is(noiseOf(Array.from({ length: 40 }, (_, i) => (i % 4 < 2 ? 1 : -1))), 4 * 0.6052697);
});

test("a header that declares more than its tiles can hold is refused", (t) => {
  packed(Int16Array.from(ramp(60)), [12, 5], lossless, (path) => {
    const file = openFits(path);
    const hdu = file.hdus[1]!;
    const axes = [5_000_000, 12];
    const lying = {
      ...hdu,
      image: { ...hdu.image!, axes },
      tiles: { ...hdu.tiles!, axes, tile: [5_000_000, 1], counts: [1, 12] },
    };
    t.throws(() => readImage(file, lying), { code: "E_FITS", message: /can't hold/ });
    file.close();
  });
});

const oracle = "../shared/data/fits";

test("real files of every algorithm agree with the plain image, where they are at hand", (t) => {
  const folder = join(oracle, "1-conformance/astropy");
  if (!existsSync(folder)) {
    t.log(`left out: ${folder} is absent`);
    t.pass();
    return;
  }
  const plain = openFits(join(folder, "m13.fits"));
  const expected = readImage(plain, plain.hdus[0]!);
  for (const name of ["m13_rice", "m13_gzip", "m13_hcomp", "m13_plio"]) {
    const file = openFits(join(folder, `${name}.fits`));
    t.deepEqual(readImage(file, file.hdus[1]!), expected, name);
    file.close();
  }
  plain.close();
});
