import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import test from "ava";
import { openFits, packedPieces, readImage, writeFits, writePieces } from "../../src/fits/index.js";
import { packageRoot } from "../../src/package.js";
import { cards, cube, shape, tframe, writeCube, writeRead, writeReads } from "../helpers/ramp-files.js";
import { folder, layer, pixels, reduce, request } from "./helpers.js";

const none = { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" };
const { nints, ngroups, ny, nx } = shape;

async function sampled(inputs: string[], params: Record<string, unknown> = {}, reject: string[] = []) {
  const { plan, events } = await reduce(
    request(folder(), inputs, {
      ...{ pipeline: "stage1", from: "ramp_fit", until: "ramp_fit", reject },
      layers: [layer({ params: { ramp_fit: { unit: "DN", ...params } }, refs: none })],
    }),
  );
  const failure = events.find(({ type }) => type === "failure");
  if (failure?.type === "failure") throw new Error(failure.message);
  if (plan.problems[0]) throw new Error(plan.problems[0].message);
  const { output, inputs: planned } = plan.products[0]!;
  const file = openFits(output);
  const sci = readImage(file, file.hdu("SCI")!).data as Float32Array;
  file.close();
  return { sci, output, exposure: planned[0]!.exposure };
}

const sample = join(packageRoot, "../shared/data/fits/3-nir/tmt-iris/sample_ramp.fits");

test("iris_readout's own ramp: no timing, so the read's index is its time, and it is said: 0 4000 8000 12000 is 12000 DN", async (t) => {
  if (!existsSync(sample)) {
    t.log("left out: ../shared/data/fits/3-nir/tmt-iris isn't here");
    t.pass();
    return;
  }
  for (const [mode, value] of [
    ["utr", 12000],
    ["cds", 12000],
    ["mcds", 8000],
    ["ols", 12000],
    ["likelihood", 12000],
  ] as const) {
    const { sci, exposure } = await sampled([sample], { mode });
    t.is(sci.length, 100);
    t.true(
      sci.every((one) => Math.abs(one - value) < 1e-2),
      `${mode}: ${sci[0]}`,
    );
    t.true(exposure.assumed.some((sentence) => sentence.includes("read index taken as time")));
  }
});

test("the same ramp with JWST's timing keywords: nothing is assumed of time", async (t) => {
  const path = join(folder(), "sample.fits");
  const timing = { NGROUPS: 4, NFRAMES: 1, GROUPGAP: 0, TFRAME: 1, TGROUP: 1 };
  const plane = { INSTRUME: "IRIS", DETECTOR: "IRIS1", SUBARRAY: "FULL", SUBSTRT1: 1, SUBSTRT2: 1 };
  const data = Float32Array.from({ length: 400 }, (_, i) => 4000 * Math.floor(i / 100));
  writeFits(path, [
    { cards: cards({ EXP_TYPE: "NRC_IMAGE", ...timing, ...plane, SUBSIZE1: 10, SUBSIZE2: 10 }) },
    { name: "SCI", data, shape: [1, 4, 10, 10] },
    { name: "PIXELDQ", data: new Uint32Array(100), shape: [10, 10] },
    { name: "GROUPDQ", data: new Uint8Array(400), shape: [1, 4, 10, 10] },
    { name: "ERR", data: new Float32Array(400).fill(1), shape: [1, 4, 10, 10] },
  ]);
  const { sci, exposure } = await sampled([path]);
  t.true(sci.every((value) => value === 12000));
  t.false(exposure.assumed.some((sentence) => sentence.includes("time, in seconds")));
});

test("a cube (read, y, x) is one ramp", async (t) => {
  const dir = folder();
  const whole = cube().subarray(0, ngroups * ny * nx);
  const head = cards({ TFRAME: tframe, GAIN: 2, READNOIS: 10 });
  writeFits(join(dir, "three.fits"), [
    { cards: head },
    { name: "SCI", data: whole, shape: [ngroups, ny, nx] },
  ]);
  writeFits(join(dir, "four.fits"), [
    { cards: head },
    { name: "SCI", data: whole, shape: [1, ngroups, ny, nx] },
  ]);
  const [three, four] = [await sampled([join(dir, "three.fits")]), await sampled([join(dir, "four.fits")])];
  t.deepEqual(three.sci, four.sci);
});

/** Wraps a file as `gzip` does, or in tiles. */
function packed(path: string, how: "gzip" | "RICE_1" | "GZIP_1" | "GZIP_2"): string {
  if (how === "gzip") {
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
    return `${path}.gz`;
  }
  const file = openFits(path);
  writePieces(`${path}.fz`, packedPieces(file, { algorithm: how, quantise: null }));
  file.close();
  return `${path}.fz`;
}

test("every type of sample in every packing gives the rate of the plain uint16 file", async (t) => {
  const dir = folder();
  const plain = pixels((await sampled([writeCube(join(dir, "plain.fits"))])).output);
  const types = { int32: Int32Array, float32: Float32Array, float64: Float64Array };
  const files = [
    ...(["gzip", "RICE_1", "GZIP_1", "GZIP_2"] as const).map((how) =>
      packed(writeCube(join(dir, `u16_${how}.fits`)), how),
    ),
    ...Object.entries(types).flatMap(([name, Type]) => {
      const path = join(dir, `${name}.fits`);
      writeFits(path, [
        { cards: cards({ NFRAMES: 1, GROUPGAP: 0, TFRAME: tframe, TGROUP: tframe, GAIN: 2, READNOIS: 10 }) },
        { name: "SCI", data: Type.from(cube()), shape: [nints, ngroups, ny, nx] },
      ]);
      return [path, packed(path, "gzip"), packed(path, "GZIP_2")];
    }),
  ];
  for (const path of files) {
    const { output, sci } = await sampled([path]);
    // digitised samples carry the noise of rounding; floats don't
    const isInteger = /u16|int/.test(path);
    if (isInteger) t.deepEqual(pixels(output), plain, path);
    else t.is(pixels(output).get("SCI"), plain.get("SCI"), `${path} ${sci[0]}`);
  }
});

test("reads in files of their own may be packed, each in its way; what is rejected needn't be read", async (t) => {
  const dir = folder();
  const plain = writeReads(join(dir, "plain"));
  const all = await sampled(plain);
  const mixed = writeReads(join(dir, "mixed")).map((path, i) =>
    i % 3 === 0 ? path : packed(path, i % 3 === 1 ? "gzip" : "RICE_1"),
  );
  t.deepEqual(pixels((await sampled(mixed)).output), pixels(all.output));
  const rejected = await sampled(mixed.toReversed(), {}, ["2:6", "read = 4"]);
  // reads 0, 1, 2 are at 2, 4, 6 s; then read 4
  t.deepEqual(rejected.exposure.readout?.times, [8, 12]);
  const kept = plain.filter((_, i) => [3, 5].includes(i % ngroups));
  t.deepEqual(rejected.sci, (await sampled(kept)).sci);
});

test("reads in files of their own: a read from another window can't be of the same ramp", async (t) => {
  const dir = folder();
  const files = writeReads(dir).slice(0, 3);
  const other = join(dir, "IMG1_e5_r0_0003.fits");
  const like = openFits(writeRead(dir, 0, 3));
  const primary = like.hdus[0]!.header.cards.filter(({ keyword }) =>
    /^(?!SIMPLE|BITPIX|NAXIS|EXTEND|BZERO|BSCALE|END)/.test(keyword),
  );
  like.close();
  writeFits(other, [{ cards: primary, data: new Uint16Array(8 * 8), shape: [8, 8] }]);
  await t.throwsAsync(sampled([...files, other]), {
    message: /reads of one exposure differ: .* has 8×8 pixels/,
  });
});

test("flags of another number of reads or ramps are refused; those of one ramp needn't have its axis", async (t) => {
  const given = (axes: number[]): Promise<unknown> => {
    const path = join(folder(), "a.fits");
    const of = axes.length === 3 ? 1 : nints;
    const flags = new Uint8Array(axes.reduce((a, b) => a * b, 1));
    writeFits(path, [
      { cards: cards({ TFRAME: tframe, GAIN: 2, READNOIS: 10 }) },
      { name: "SCI", data: cube().subarray(0, of * ngroups * ny * nx), shape: [of, ngroups, ny, nx] },
      { name: "GROUPDQ", data: flags, shape: axes },
    ]);
    return sampled([path]);
  };
  await t.throwsAsync(given([nints, ngroups - 1, ny, nx]), {
    message: /GROUPDQ has 2 × 5 groups where SCI has 2 × 6 groups/,
  });
  await t.throwsAsync(given([1, ngroups, ny, nx]), {
    message: /GROUPDQ has 1 × 6 groups where SCI has 2 × 6/,
  });
  await t.notThrowsAsync(given([nints, ngroups, ny, nx]));
  await t.notThrowsAsync(given([ngroups, ny, nx]));
});
