import { join } from "node:path";
import { gzipSync } from "node:zlib";
import test from "ava";
import {
  openFits,
  readTable,
  unpackedPieces,
  writeFits,
  writePieces,
  type ColumnContent,
  type Table,
  type TableContent,
} from "../../src/fits/index.js";
import { parseTform } from "../../src/fits/columns.js";
import { block, inFolder, writeBytes } from "./helpers.js";

function roundTrip(columns: ColumnContent[], check: (table: Table) => void): void {
  inFolder((folder) => {
    const path = join(folder, "t.fits");
    writeFits(path, [{}, { type: "bintable", name: "T", columns }]);
    const file = openFits(path);
    check(readTable(file, file.hdu("t")!));
    file.close();
  });
}

test("scalars of every type come back, unsigned ones too", (t) => {
  const columns: ColumnContent[] = [
    { name: "B", data: Uint8Array.of(0, 255) },
    { name: "S", data: Int8Array.of(-128, 127) },
    { name: "I", data: Int16Array.of(-5, 5) },
    { name: "U", data: Uint16Array.of(0, 65535) },
    { name: "J", data: Int32Array.of(-7, 7) },
    { name: "V", data: Uint32Array.of(0, 2 ** 32 - 1) },
    { name: "K", data: BigInt64Array.of(-(2n ** 63n), 9n) },
    { name: "W", data: BigUint64Array.of(0n, 2n ** 64n - 1n) },
    { name: "E", data: Float32Array.of(1.5, NaN) },
    { name: "D", data: Float64Array.of(Math.PI, -0), unit: "rad" },
    { name: "A", data: ["abc", ""] },
    { name: "L", data: [true, null] },
  ];
  roundTrip(columns, (table) => {
    t.is(table.rows, 2);
    for (const { name, data } of columns)
      t.deepEqual(table.column(name)!.data as unknown, data as unknown, name);
    t.is(table.column("d")!.unit, "rad");
    t.is(table.column("K")!.at(0), -(2n ** 63n));
  });
});

test("cells of several elements: shape, complex pairs, bits, strings", (t) => {
  roundTrip(
    [
      { name: "M", data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [2, 3] },
      { name: "C", data: Float64Array.of(1, 2, 3, 4), complex: true },
      {
        name: "X",
        data: Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0),
        bits: true,
        shape: [9],
      },
      { name: "S", data: ["a", "bc", "", "d"], shape: [2] },
    ],
    (table) => {
      t.deepEqual(table.column("M")!.shape, [2, 3]);
      t.deepEqual(table.column("M")!.at(1), Float32Array.of(6, 7, 8, 9, 10, 11));
      t.deepEqual(table.column("C")!.at(1), Float64Array.of(3, 4));
      t.deepEqual(table.column("X")!.at(0), Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 0, 1));
      t.deepEqual(table.column("S")!.at(1), ["", "d"]);
    },
  );
});

test("variable-length cells share one heap", (t) => {
  roundTrip(
    [
      { name: "V", data: [Int32Array.of(1, 2), new Int32Array(0), Int32Array.of(3)] },
      { name: "U", data: [Uint16Array.of(65535), Uint16Array.of(1, 2, 3), new Uint16Array(0)] },
    ],
    (table) => {
      t.is(table.column("V")!.data, null);
      t.deepEqual(table.column("V")!.at(2), Int32Array.of(3));
      t.deepEqual(table.column("U")!.at(0), Uint16Array.of(65535));
      t.deepEqual(table.column("U")!.at(2), new Uint16Array(0));
    },
  );
});

test("columns of different length are refused", (t) => {
  inFolder((folder) => {
    const columns = [
      { name: "A", data: Uint8Array.of(1, 2) },
      { name: "B", data: Uint8Array.of(1) },
    ];
    t.throws(() => writeFits(join(folder, "t.fits"), [{}, { type: "bintable", columns }]), {
      message: /column B/,
    });
  });
});

const empty = block("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0");

const tableHeader = (rowBytes: number, rows: number, pcount: number, ...cards: string[]): Buffer =>
  block(
    "XTENSION= 'BINTABLE'",
    "BITPIX  = 8",
    "NAXIS   = 2",
    `NAXIS1  = ${rowBytes}`,
    `NAXIS2  = ${rows}`,
    `PCOUNT  = ${pcount}`,
    "GCOUNT  = 1",
    ...cards,
  );

function readBytesAsTable<T>(parts: Uint8Array[], use: (table: Table) => T): T {
  return inFolder((folder) => {
    const file = openFits(writeBytes(folder, empty, ...parts));
    try {
      return use(readTable(file, file.hdus[1]!));
    } finally {
      file.close();
    }
  });
}

test("TSCAL, TZERO, TNULL: 0.5·4 + 100 = 102, −1 → NaN; without scaling TNULL is told", (t) => {
  const cards = [
    "TFIELDS = 2",
    "TFORM1  = 'I'",
    "TSCAL1  = 0.5",
    "TZERO1  = 100",
    "TNULL1  = -1",
    "TFORM2  = 'I'",
    "TNULL2  = 7",
  ];
  readBytesAsTable([tableHeader(4, 2, 0, ...cards), Uint8Array.of(0, 4, 0, 7, 255, 255, 0, 8)], (table) => {
    t.deepEqual(table.columns[0]!.data, Float64Array.of(102, NaN));
    t.deepEqual(table.columns[1]!.data, Int16Array.of(7, 8));
    t.is(table.columns[1]!.nullValue, 7);
  });
});

test("a cell that points outside the heap is an error with row, column and bytes", (t) => {
  const cards = ["TFIELDS = 1", "TFORM1  = 'PJ(3)'", "TTYPE1  = 'V'"];
  const row = Uint8Array.of(0, 0, 0, 3, 0, 0, 0, 8);
  readBytesAsTable([tableHeader(8, 1, 16, ...cards), row, new Uint8Array(16)], (table) => {
    t.throws(() => table.columns[0]!.at(0), {
      code: "E_FITS",
      message: /row 0, column V.*12 bytes at 8 of a heap of 16/,
    });
  });
});

test("columns wider than the row, and formats that don't exist, are refused", (t) => {
  t.throws(
    () =>
      readBytesAsTable([tableHeader(4, 1, 0, "TFIELDS = 1", "TFORM1  = '2D'"), new Uint8Array(4)], () => 0),
    {
      message: /the columns take 16 bytes a row/,
    },
  );
  t.throws(
    () =>
      readBytesAsTable([tableHeader(4, 1, 0, "TFIELDS = 1", "TFORM1  = 'Z'"), new Uint8Array(4)], () => 0),
    {
      message: /TFORM1 = "Z"/,
    },
  );
});

test("TFORM: repeat, code, descriptor, width of strings", (t) => {
  t.deepEqual(parseTform("12E"), { repeat: 12, code: "E", descriptor: null, stringWidth: null });
  t.deepEqual(parseTform("1PB(1800)"), { repeat: 1, code: "B", descriptor: "P", stringWidth: null });
  t.deepEqual(parseTform("60A12"), { repeat: 60, code: "A", descriptor: null, stringWidth: 12 });
  t.is(parseTform("5"), null);
});

test("ASCII tables: blanks inside numbers, D exponents, implied decimals, null", (t) => {
  const header = block(
    ...[
      "XTENSION= 'TABLE   '",
      "BITPIX  = 8",
      "NAXIS   = 2",
      "NAXIS1  = 20",
      "NAXIS2  = 2",
      "PCOUNT  = 0",
      "GCOUNT  = 1",
    ],
    ...[
      "TFIELDS = 3",
      "TBCOL1  = 1",
      "TFORM1  = 'A5'",
      "TBCOL2  = 6",
      "TFORM2  = 'F6.2'",
      "TBCOL3  = 12",
      "TFORM3  = 'D9.2'",
    ],
    "TNULL2  = '***'",
  );
  const data = Buffer.from("ab     1234  1.5D+02" + "c     ***     2 5.5 ");
  readBytesAsTable([header, data], (table) => {
    t.deepEqual(table.columns[0]!.data, ["ab", "c"]);
    t.deepEqual(table.columns[1]!.data, Float64Array.of(12.34, NaN));
    t.deepEqual(table.columns[2]!.data, Float64Array.of(150, 25.5));
  });
});

test("a scaled column: value = TSCAL · integer + TZERO, NaN by TNULL", (t) => {
  const data = Float64Array.of(10, 10.25, NaN, 9.5);
  const scaled = { bits: 16, scale: 0.25, zero: 10, null: -32768 } as const;
  roundTrip([{ name: "T", data, scaled }], (table) => {
    t.is(table.column("T")!.format, "1I");
    t.deepEqual(table.column("T")!.data, data);
  });
  const wide = { name: "T", data: Float64Array.of(1e9), scaled: { bits: 16, scale: 1 } } as const;
  t.throws(
    () => {
      roundTrip([wide], () => t.fail());
    },
    { code: "E_FITS", message: /column T — 1000000000 can't be stored/ },
  );
});

/** A packed table of four rows: a fixed column of 16-bit integers, and cells of variable length. */
function packedTable(descriptors: Int32Array, packed: bigint[]): TableContent {
  const fixed = Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 4);
  const before = Buffer.alloc(32);
  descriptors.forEach((value, i) => before.writeInt32BE(value, 4 * i));
  const own = Buffer.alloc(64);
  packed.forEach((value, i) => own.writeBigInt64BE(value, 8 * i));
  const card = (keyword: string, value: string | number | boolean) => ({ keyword, value });
  return {
    type: "bintable",
    name: "P",
    columns: [
      { name: "I", data: [fixed] },
      { name: "V", data: [new Uint8Array(gzipSync(Buffer.concat([before, own])))] },
    ],
    cards: [
      ...[card("ZTABLE", true), card("ZNAXIS1", 10), card("ZNAXIS2", 4), card("ZTILELEN", 4)],
      ...[card("ZFORM1", "1I"), card("ZCTYP1", "NOCOMPRESS")],
      ...[card("ZFORM2", "1PI(2)"), card("ZCTYP2", "GZIP_1")],
    ],
  };
}

test("a packed table is read as what was packed: fixed cells and cells of variable length", (t) => {
  inFolder((folder) => {
    const path = join(folder, "z.fits");
    // The cells lie where the fixed column's bytes lie: 2 numbers at 0, none, 1 at 6, 2 at 2.
    const content = packedTable(Int32Array.of(2, 0, 0, 4, 1, 4, 2, 6), [4n, 0n, 0n, 0n, 2n, 6n, 4n, 2n]);
    writeFits(path, [{}, content]);
    const file = openFits(path);
    const table = readTable(file, file.hdus[1]!);
    t.is(table.rows, 4);
    t.deepEqual(table.column("I")!.data, Int16Array.of(1, 2, 3, 4));
    t.deepEqual(
      [0, 1, 2, 3].map((row) => [...(table.column("V")!.at(row) as Int16Array)]),
      [[1, 2], [], [4], [2, 3]],
    );
    t.is(readTable(file, file.hdus[1]!, { packed: true }).rows, 1);
    const plain = join(folder, "plain.fits");
    writePieces(plain, unpackedPieces(file));
    file.close();
    const unpacked = openFits(plain);
    t.deepEqual(readTable(unpacked, unpacked.hdus[1]!).column("V")!.at(3), Int16Array.of(2, 3));
    unpacked.close();
  });
});

test("cells of a packed table that point outside its heap are errors that name the column", (t) => {
  inFolder((folder) => {
    const path = join(folder, "z.fits");
    writeFits(path, [{}, packedTable(Int32Array.of(2, 0, 0, 0, 0, 0, 0, 0), [4n, 9999n])]);
    const file = openFits(path);
    t.throws(() => readTable(file, file.hdus[1]!), {
      code: "E_FITS",
      message: /column 2: .*4 bytes at 9999/,
    });
    file.close();
  });
});
