import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import test from "ava";
import {
  getValue,
  inheritedHeader,
  keywordsOf,
  openFits,
  readImage,
  readRows,
  readSection,
  parseLocation,
  writeFits,
} from "../../src/fits/index.js";
import { block, inFolder, writeBytes } from "./helpers.js";

const primary = [
  "SIMPLE  =                    T",
  "BITPIX  =                   16",
  "NAXIS   =                    2",
];

test("a header that declares 128 GiB in a file of one block is listed, and its data refused", (t) => {
  inFolder((folder) => {
    const path = writeBytes(folder, block(...primary, "NAXIS1  = 262144", "NAXIS2  = 262144"));
    const file = openFits(path);
    const hdu = file.hdus[0]!;
    t.is(hdu.dataSize, 2 * 262144 ** 2);
    t.regex(hdu.deviations[0]!.message, /declares 137438953472 bytes/);
    t.throws(() => readImage(file, hdu), {
      code: "E_FITS",
      message: /end at byte 137438956352, the file at byte 2880/,
    });
    t.throws(() => readRows(file, hdu, 0, 5, 1, new Uint8Array(2 * 262144)), { code: "E_FITS" });
    file.close();
  });
});

test("sizes beyond 2^53 are refused, a zero axis is no data", (t) => {
  inFolder((folder) => {
    const huge = writeBytes(folder, block(...primary, "NAXIS1  = 99999999999", "NAXIS2  = 99999999999"));
    t.throws(() => openFits(huge), { code: "E_FITS", message: /no file can hold that/ });
    const flat = writeBytes(folder, block(...primary, "NAXIS1  = 777777701", "NAXIS2  = 0"));
    const file = openFits(flat);
    t.deepEqual(readImage(file, file.hdus[0]!), { data: new Int16Array(0), shape: [0, 777777701] });
    file.close();
  });
});

test("999 axes are read, 1000 are not", (t) => {
  inFolder((folder) => {
    const axes = (n: number): string[] =>
      Array.from({ length: n }, (_, i) => `NAXIS${i + 1}`.padEnd(8) + "= 1");
    const lines = ["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 999", ...axes(999), "END"];
    const header = Buffer.from(
      lines
        .map((line) => line.padEnd(80))
        .join("")
        .padEnd(28 * 2880),
    );
    const data = new Uint8Array(2880).fill(7, 0, 1);
    const file = openFits(writeBytes(folder, header, data));
    t.is(file.hdus[0]!.image!.axes.length, 999);
    t.deepEqual([...readImage(file, file.hdus[0]!).data], [7]);
    file.close();
    t.throws(() => openFits(writeBytes(folder, block("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 1000"))), {
      message: /at most 999/,
    });
  });
});

test("what isn't FITS is refused in words: text, nothing, a missing END, a folder, no file", (t) => {
  inFolder((folder) => {
    t.throws(() => openFits(writeBytes(folder, Buffer.from("<html>hello"))), {
      message: /begins with "<html>hell"/,
    });
    t.throws(() => openFits(writeBytes(folder)), { message: /the file is empty/ });
    t.throws(() => openFits(writeBytes(folder, Buffer.from("SIMPLE  = T".padEnd(5760)))), {
      message: /no END card/,
    });
    t.throws(() => openFits(folder), { message: /it is a folder/ });
    t.throws(() => openFits(join(folder, "absent")), { message: /no such file/ });
  });
});

test("junk after the last HDU ends the list and is reported", (t) => {
  inFolder((folder) => {
    const path = writeBytes(
      folder,
      block("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0"),
      Buffer.from("junk".repeat(50)),
    );
    const file = openFits(path);
    t.is(file.hdus.length, 1);
    t.regex(file.deviations[0]!.message, /200 bytes after the last HDU \(from byte 2880\)/);
    file.close();
  });
});

test("gzip is recognised by content; a damaged stream is an error with the file's name", (t) => {
  inFolder((folder) => {
    const plain = writeBytes(
      folder,
      block("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 1", "NAXIS1  = 3"),
      Uint8Array.of(1, 2, 3),
    );
    const packed = gzipSync(readFileSync(plain));
    writeFileSync(plain, packed);
    const file = openFits(plain);
    t.deepEqual([...readImage(file, file.hdus[0]!).data], [1, 2, 3]);
    file.close();
    writeFileSync(plain, packed.subarray(0, packed.length - 20));
    t.throws(() => openFits(plain), { code: "E_FITS", message: /gzip stream is damaged/ });
  });
});

test("BSCALE, BZERO and BLANK: 2·3 + 10 = 16, −1 → NaN", (t) => {
  inFolder((folder) => {
    const cards = [
      "SIMPLE  = T",
      "BITPIX  = 16",
      "NAXIS   = 1",
      "NAXIS1  = 2",
      "BSCALE  = 2",
      "BZERO   = 10",
      "BLANK   = -1",
    ];
    const file = openFits(writeBytes(folder, block(...cards), Uint8Array.of(0, 3, 255, 255)));
    t.deepEqual(readImage(file, file.hdus[0]!).data, Float32Array.of(16, NaN));
    file.close();
  });
});

test("rows and sections of a cube are those of the whole", (t) => {
  inFolder((folder) => {
    const path = join(folder, "cube.fits");
    // [3][4][5]: value = 20 z + 5 y + x
    writeFits(path, [{ data: Uint16Array.from({ length: 60 }, (_, i) => i), shape: [3, 4, 5] }]);
    const file = openFits(path);
    const hdu = file.hdus[0]!;
    const rows = new Uint8Array(20);
    readRows(file, hdu, 2, 1, 2, rows);
    // unsigned 45 is stored as 45 − 32768
    t.is(new DataView(rows.buffer).getInt16(0), 45 - 32768);
    const section = readSection(file, hdu, [
      [2, 3],
      [1, 2],
      [3, 3],
    ]);
    t.deepEqual(section, { data: Uint16Array.of(41, 42, 46, 47), shape: [1, 2, 2] });
    t.throws(() => readSection(file, hdu, [[0, 3]]), { code: "E_FITS", message: /axis 1, which is 1:5/ });
    t.throws(() => readRows(file, hdu, 3, 0, 1, new Uint8Array(10)), { message: /it has 4 rows, 3 planes/ });
    file.close();
  });
});

test("file arguments: file.fits[SCI,2][1:2,*]", (t) => {
  const nowhere = (): boolean => false;
  t.deepEqual(parseLocation("a.fits", nowhere), { path: "a.fits", hdu: null, section: null });
  t.deepEqual(parseLocation("a.fits[3]", nowhere).hdu, { name: 3 });
  t.deepEqual(parseLocation("a.fits[SCI,2][1:2,*]", nowhere), {
    path: "a.fits",
    hdu: { name: "SCI", version: 2 },
    section: [[1, 2], null],
  });
  t.is(parseLocation("odd[1].fits", nowhere).path, "odd[1].fits");
  t.is(parseLocation("a[1]", (path) => path === "a[1]").path, "a[1]");
  t.throws(() => parseLocation("a.fits[SCI][DQ]", nowhere), { code: "E_USAGE" });
});

test("INHERIT = T: the primary's keywords stand behind the extension's own, structure and comments don't", (t) => {
  inFolder((folder) => {
    const path = join(folder, "i.fits");
    writeFits(path, [
      {
        cards: [
          { keyword: "OBJECT", value: "M 31" },
          { keyword: "GAIN", value: 1 },
          { keyword: "HISTORY", comment: "made" },
        ],
      },
      {
        name: "SCI",
        data: Uint8Array.of(1),
        cards: [
          { keyword: "INHERIT", value: true },
          { keyword: "GAIN", value: 2 },
        ],
      },
      { name: "DQ", data: Uint8Array.of(1) },
    ]);
    const file = openFits(path);
    const sci = inheritedHeader(file, file.hdu("SCI")!);
    t.deepEqual(keywordsOf(sci)["OBJECT"], "M 31");
    t.is(getValue(sci, "GAIN"), 2);
    t.is(getValue(sci, "NAXIS"), 1);
    t.false(sci.cards.some(({ keyword }) => keyword === "HISTORY"));
    t.is(getValue(inheritedHeader(file, file.hdu("DQ")!), "OBJECT"), undefined);
    file.close();
  });
});
