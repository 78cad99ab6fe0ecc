import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import {
  addDatasum,
  createFits,
  datasum,
  getValue,
  openFits,
  readImage,
  writeFits,
  type Card,
  type TypedArray,
} from "../../src/fits/index.js";
import { inFolder } from "./helpers.js";

const arrays: TypedArray[] = [
  Uint8Array.of(0, 255),
  Int8Array.of(-128, 127),
  Int16Array.of(-32768, 32767),
  Uint16Array.of(0, 65535),
  Int32Array.of(-(2 ** 31), 5),
  Uint32Array.of(0, 2 ** 32 - 1),
  BigInt64Array.of(-(2n ** 63n), 1n),
  BigUint64Array.of(0n, 2n ** 64n - 1n),
  Float32Array.of(1.5, NaN),
  Float64Array.of(-0, Infinity),
];

test("every array type comes back as it was written", (t) => {
  inFolder((folder) => {
    const path = join(folder, "all.fits");
    writeFits(path, [{}, ...arrays.map((data, i) => ({ name: `A${i}`, data }))]);
    const file = openFits(path);
    arrays.forEach((data, i) => {
      t.deepEqual(readImage(file, file.hdu(`A${i}`)!).data, data);
    });
    file.close();
  });
});

test("each HDU adds up to all ones", (t) => {
  inFolder((folder) => {
    const path = join(folder, "sum.fits");
    writeFits(path, [
      { cards: [{ keyword: "OBJECT", value: "M 31" }] },
      { name: "SCI", data: Float32Array.of(1, 2, 3) },
    ]);
    const bytes = readFileSync(path);
    const file = openFits(path);
    const ends = [...file.hdus.slice(1).map((hdu) => hdu.headerStart), bytes.length];
    file.hdus.forEach((hdu, i) => {
      t.is(datasum(bytes.subarray(hdu.headerStart, ends[i])), 0xffffffff);
    });
    t.is(getValue(file.hdus[1]!.header, "DATASUM"), String(datasum(bytes.subarray(file.hdus[1]!.dataStart))));
    file.close();
  });
});

test("bands written through another descriptor make the same file as one write", (t) => {
  inFolder((folder) => {
    const data = Float32Array.from({ length: 64 }, (_, i) => i / 3);
    const whole = join(folder, "whole.fits");
    const cards: Card[] = [{ keyword: "FILTER", value: "Ks" }];
    writeFits(whole, [{}, { name: "SCI", data, shape: [8, 8], cards }]);
    const source = openFits(whole);
    const bytes = new Uint8Array(256);
    source.readBytes(source.hdus[1]!.dataStart, bytes);
    source.close();

    const path = join(folder, "bands.fits");
    const spec = { name: "SCI", bitpix: -32 as const, axes: [8, 8], cards };
    const writer = createFits(path, [{ bitpix: 8, axes: [], cards: [] }, spec]);
    const place = writer.layout.hdus[1]!;
    const worker = openSync(writer.tmpPath, "r+");
    let sum = 0;
    for (const at of [128, 0, 64, 192]) {
      const band = bytes.subarray(at, at + 64);
      writeSync(worker, band, 0, 64, place.dataStart + at);
      sum = addDatasum(sum, datasum(band));
    }
    closeSync(worker);
    t.false(existsSync(path));
    writer.finish({ datasums: [0, sum] });
    t.deepEqual(readFileSync(path), readFileSync(whole));
    t.deepEqual(readdirSync(folder).sort(), ["bands.fits", "whole.fits"]);
  });
});

test("cards may be replaced at the end while they fit; a sum may be left to the writer", (t) => {
  inFolder((folder) => {
    const path = join(folder, "late.fits");
    const writer = createFits(path, [{ bitpix: 16, axes: [4], cards: [], spare: 40 }]);
    writer.write(writer.layout.hdus[0]!.dataStart, Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 4));
    const cards = Array.from({ length: 40 }, (_, i): Card => ({ keyword: `K${i}`, value: i }));
    writer.finish({ cards: [cards], datasums: [null] });
    const file = openFits(path);
    t.is(getValue(file.hdus[0]!.header, "K39"), 39);
    // 0x00010002 + 0x00030004
    t.is(getValue(file.hdus[0]!.header, "DATASUM"), String(0x00040006));
    file.close();
    t.deepEqual(readdirSync(folder), ["late.fits"]);
  });
});

test("what doesn't fit, or aborts, leaves nothing behind", (t) => {
  inFolder((folder) => {
    const spec = { bitpix: 8 as const, axes: [1], cards: [] };
    const writer = createFits(join(folder, "a.fits"), [spec]);
    const cards = Array.from({ length: 50 }, (_, i): Card => ({ keyword: `K${i}`, value: i }));
    t.throws(() => writer.finish({ cards: [cards], datasums: [0] }), { code: "E_FITS", message: /reserved/ });
    const second = createFits(join(folder, "b.fits"), [spec]);
    t.throws(() => second.write(second.layout.size, Uint8Array.of(1)), { code: "E_FITS" });
    second.abort();
    t.deepEqual(readdirSync(folder), []);
  });
});

test("a folder that isn't there is an output error", (t) => {
  inFolder((folder) => {
    t.throws(() => createFits(join(folder, "no", "a.fits"), [{ bitpix: 8, axes: [], cards: [] }]), {
      code: "E_OUTPUT",
    });
    mkdirSync(join(folder, "taken.fits"));
    t.throws(() => writeFits(join(folder, "taken.fits"), [{}]), { code: "E_OUTPUT" });
    t.deepEqual(readdirSync(folder), ["taken.fits"]);
  });
});

test("structural keywords of a copied header give way to the layout", (t) => {
  inFolder((folder) => {
    const path = join(folder, "copy.fits");
    const cards: Card[] = [
      { keyword: "BITPIX", value: 16 },
      { keyword: "BZERO", value: 32768 },
      { keyword: "NAXIS3", value: 9 },
      { keyword: "CHECKSUM", value: "old" },
      { keyword: "GAIN", value: 2 },
    ];
    writeFits(path, [{ data: Float32Array.of(1), cards }]);
    const file = openFits(path);
    t.deepEqual(readImage(file, file.hdus[0]!).data, Float32Array.of(1));
    t.is(
      file.hdus[0]!.header.cards.filter(({ keyword }) => keyword === "BITPIX" || keyword === "CHECKSUM")
        .length,
      2,
    );
    t.is(getValue(file.hdus[0]!.header, "GAIN"), 2);
    file.close();
  });
});

test("fitsverify finds 0 warnings and 0 errors, where it is installed", (t) => {
  inFolder((folder) => {
    const path = join(folder, "verify.fits");
    const cards: Card[] = [
      { keyword: "LONG", value: "word ".repeat(40), comment: "a long string" },
      { keyword: "ESO DET DIT", value: 1.5e-9 },
      { keyword: "HISTORY", comment: "made ".repeat(30) },
    ];
    writeFits(path, [
      { cards },
      ...arrays.map((data, i) => ({ name: `A${i}`, version: 1, data })),
      {
        type: "bintable",
        name: "T",
        columns: [{ name: "V", data: [Int16Array.of(1), Int16Array.of(2, 3)] }],
      },
    ]);
    let report: string;
    try {
      report = execFileSync("fitsverify", [path], { encoding: "utf8" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      t.log("left out: fitsverify is absent");
      t.pass();
      return;
    }
    t.regex(report, /found 0 warning\(s\) and 0 error\(s\)/);
  });
});
