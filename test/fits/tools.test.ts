import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import {
  diffFits,
  editHeaders,
  getValue,
  makeEntry,
  openFits,
  parseCondition,
  readImage,
  setEntry,
  verifyFits,
  writeFits,
  type Card,
  type DiffOptions,
} from "../../src/fits/index.js";
import { decodeBzip2 } from "../../src/fits/bzip2.js";
import { inFolder } from "./helpers.js";

const object: Card = { keyword: "OBJECT", value: "M 31", comment: "target" };

function withFile(use: (path: string) => void): void {
  inFolder((folder) => {
    const path = join(folder, "t.fits");
    writeFits(path, [
      { cards: [object, { keyword: "GAIN", value: 2 }] },
      { name: "SCI", data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] },
    ]);
    use(path);
  });
}

const findings = (path: string): string[] => {
  const file = openFits(path);
  try {
    return verifyFits(file).map(
      ({ severity, keyword, message }) => `${severity} ${keyword ?? ""} ${message}`,
    );
  } finally {
    file.close();
  }
};

test("an edit that fits is made in place, keeps the other records and the sums right", (t) => {
  withFile((path) => {
    const before = readFileSync(path);
    t.deepEqual(
      editHeaders(path, (hdu, entries) =>
        hdu.index === 0 ? setEntry(entries, { keyword: "GAIN", value: 3 }) : null,
      ),
      [0],
    );
    const after = readFileSync(path);
    t.is(after.length, before.length);
    t.deepEqual(after.subarray(2880), before.subarray(2880));
    t.is(after.subarray(320, 400).toString(), before.subarray(320, 400).toString());
    t.deepEqual(findings(path), []);
  });
});

test("an edit that doesn't fit moves the data, which stay the same", (t) => {
  withFile((path) => {
    const size = statSync(path).size;
    editHeaders(path, (hdu, entries) =>
      hdu.name === "SCI"
        ? Array.from({ length: 40 }, (_, i): Card => ({ keyword: `K${i}`, value: i })).reduce(
            setEntry,
            entries,
          )
        : null,
    );
    t.is(statSync(path).size, size + 2880);
    const file = openFits(path);
    t.is(getValue(file.hdus[1]!.header, "K39"), 39);
    t.deepEqual(readImage(file, file.hdus[1]!).data, Float32Array.of(1, 2, 3, 4));
    file.close();
    t.deepEqual(findings(path), []);
  });
});

test("a continued string is one entry, replaced as a whole", (t) => {
  withFile((path) => {
    const long: Card = { keyword: "LONG", value: "x".repeat(200) };
    editHeaders(path, (hdu, entries) => (hdu.index === 0 ? [...entries, makeEntry(long)] : null));
    editHeaders(path, (hdu, entries) =>
      hdu.index === 0 ? setEntry(entries, { keyword: "LONG", value: "short" }) : null,
    );
    const file = openFits(path);
    t.is(getValue(file.hdus[0]!.header, "LONG"), "short");
    t.false(file.hdus[0]!.header.cards.some(({ keyword }) => keyword === "CONTINUE"));
    file.close();
  });
});

test("verify names what is wrong: a changed pixel, a bad card, fill, order", (t) => {
  withFile((path) => {
    const bytes = readFileSync(path);
    bytes[bytes.length - 2880] = 77;
    writeFileSync(path, bytes);
    t.deepEqual(
      findings(path).map((text) => text.split(" ", 2).join(" ")),
      ["warning DATASUM", "warning CHECKSUM"],
    );
    bytes[bytes.length - 1] = 1;
    bytes.write("gain    = 2x", 400);
    writeFileSync(path, bytes);
    const all = findings(path).join("\n");
    t.regex(all, /error gain keyword "gain"/);
    t.regex(all, /neither number, string nor logical: 2x/);
    t.regex(all, /the fill after the data isn't zeros/);
    bytes.write("NAXIS   =                    0".padEnd(80), 80);
    bytes.write("BITPIX  =                    8".padEnd(80), 160);
    writeFileSync(path, bytes);
    t.regex(findings(path).join("\n"), /error BITPIX card 2 is NAXIS, BITPIX has to stand there/);
  });
});

const options = (absolute = 0, relative = 0): DiffOptions => ({
  ignore: (keyword) => keyword.endsWith("SUM"),
  tolerance: () => ({ absolute, relative }),
});

test("verify looks into tables: logicals that are neither T, F nor 0, formats that don't suit", (t) => {
  inFolder((folder) => {
    const path = join(folder, "t.fits");
    const columns = [
      { name: "OK", data: [true, null, false] },
      { name: "D", data: Float64Array.of(1, 2, 3) },
    ];
    writeFits(path, [{}, { type: "bintable", columns, cards: [] }]);
    t.deepEqual(findings(path), []);
    const file = openFits(path);
    const { dataStart, header } = file.hdus[1]!;
    file.close();
    t.is(getValue(header, "TFORM1"), "1L");
    const bytes = readFileSync(path);
    bytes[dataStart + 9] = 1;
    writeFileSync(path, bytes);
    editHeaders(path, (hdu, entries) =>
      hdu.index === 1 ? setEntry(entries, { keyword: "TDISP2", value: "I12" }) : null,
    );
    t.deepEqual(findings(path), [
      "error TDISP2 the format I12 doesn't suit TFORM2 = 1D",
      "error  row 2, column OK: byte 1 is neither T, F nor 0",
    ]);
  });
});

test("diff: keywords by value, pixels by statistics, tolerances absolute and relative", (t) => {
  inFolder((folder) => {
    const [a, b] = [join(folder, "a.fits"), join(folder, "b.fits")];
    writeFits(a, [{ cards: [object] }, { name: "SCI", data: Float32Array.of(1, 2, 100, NaN) }]);
    writeFits(b, [
      { cards: [{ ...object, value: "M 33" }] },
      { name: "SCI", data: Float32Array.of(1, 2.5, 104, NaN) },
    ]);
    const [first, second] = [openFits(a), openFits(b)];
    const [keywords, pixels] = diffFits(first, second, options());
    t.deepEqual(keywords!.keywords, [{ keyword: "OBJECT", a: "M 31", b: "M 33" }]);
    // |2 − 2.5| and |100 − 104|
    t.like(pixels!.pixels, { pixels: 4, different: 2, nan: 0, max: 4, mean: 2.25, at: [3] });
    t.is(diffFits(first, second, options(1))[1]!.pixels!.different, 1);
    t.is(diffFits(first, second, options(0, 0.3)).length, 1);
    t.deepEqual(diffFits(first, first, options()), []);
    first.close();
    second.close();
  });
});

test("conditions: comparison, pattern, and, or, not, parentheses; a missing keyword is false", (t) => {
  const keywords = { EXPTIME: 30, OBJECT: "M 31", FILTER: "K", LAMP: false, "DATE-OBS": "2026-11-20" };
  const holds = (text: string): boolean => parseCondition(text)(keywords);
  t.true(holds("EXPTIME >= 30 and OBJECT ~ 'm*'"));
  t.false(holds("EXPTIME < 30 or FILTER != K"));
  t.true(holds("not (EXPTIME < 30 or FILTER == 'J')"));
  t.true(holds("LAMP == F and DATE-OBS > '2026-01-01'"));
  t.false(holds("MISSING == 1"));
  t.false(holds("MISSING"));
  t.throws(() => parseCondition("EXPTIME >"), { code: "E_USAGE", message: /at "its end"|at ">"/ });
  t.throws(() => parseCondition("(A == 1"), { code: "E_USAGE" });
});

test("bzip2: a stream with runs longer than four, made by the reference program", (t) => {
  // printf 'aaaaaaaaaabc' | bzip2
  const packed = Buffer.from(
    "425a683931415926535981c83a2700000241000100380020002121a0cd34a0e78bb9229c284840e41d1380",
    "hex",
  );
  t.is(Buffer.from(decodeBzip2(packed, 1000)).toString(), "aaaaaaaaaabc");
  t.throws(() => decodeBzip2(packed.subarray(0, 30), 1000), { code: "E_FITS" });
});
