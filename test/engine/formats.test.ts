import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { Plan, Request } from "../../src/engine/index.js";
import {
  getValue,
  openFits,
  packedPieces,
  readImage,
  writeFits,
  writePieces,
  type Value,
} from "../../src/fits/index.js";
import {
  cards,
  cube,
  shape,
  tframe,
  valueAt,
  writeCube,
  writeGzip,
  writeIma,
  writeRead,
  writeReadFastest,
  writeReads,
} from "../helpers/ramp-files.js";
import { packageRoot } from "../../src/package.js";
import { fixture, folder, layer, pixels, reduce, request, testHost } from "./helpers.js";

/** The noise of the headers, not of references. */
const none = { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" };

/** Rates, averaged over the ramps, by sampling alone. */
async function sampled(
  inputs: string[],
  more: Partial<Request> = {},
): Promise<{ plan: Plan; output: string; failures: string[]; sci: Float32Array; dq: Uint32Array }> {
  const out = folder();
  const { plan, events } = await reduce(
    request(out, inputs, {
      pipeline: "stage1",
      from: "ramp_fit",
      until: "ramp_fit",
      layers: [layer({ params: { ramp_fit: { unit: "DN/s" } }, refs: none })],
      ...more,
    }),
  );
  const failures = events.flatMap((event) => (event.type === "failure" ? [event.message] : []));
  const output = plan.products[0]?.output ?? "";
  if (failures.length > 0) return { plan, output, failures, sci: new Float32Array(), dq: new Uint32Array() };
  const file = openFits(output);
  const sci = readImage(file, file.hdu("SCI")!).data as Float32Array;
  const dq = readImage(file, file.hdu("DQ")!).data as Uint32Array;
  file.close();
  return { plan, output, failures, sci, dq };
}

/** Least-squares slope of the reads `used` of one ramp, DN/s. */
function slope(ramp: number, used: readonly number[], y: number, x: number): number {
  const times = used.map((read) => tframe * (read + 1));
  const mean = times.reduce((a, b) => a + b, 0) / times.length;
  const num = used.reduce((sum, read, k) => sum + (times[k]! - mean) * valueAt(ramp, read, y, x), 0);
  return num / times.reduce((sum, time) => sum + (time - mean) ** 2, 0);
}

const all = [0, 1, 2, 3, 4, 5];

test("the same reads give the same rate, whatever the form in which they are stored", async (t) => {
  const dir = folder();
  const forms: Record<string, string[]> = {
    "no INSTRUME": [writeCube(join(dir, "generic.fits"))],
    int32: [writeCube(join(dir, "int32.fits"), {}, Int32Array.from(cube()))],
    float32: [writeCube(join(dir, "float32.fits"), {}, Float32Array.from(cube()))],
    gzip: [writeGzip(join(dir, "packed.fits.gz"))],
    IRIS: [writeCube(join(dir, "iris.fits"), { INSTRUME: "IRIS", DETECTOR: "IMG1", FILTER: "Kbb" })],
    "JWST uncal": [writeCube(join(dir, "jw_uncal.fits"), { INSTRUME: "NIRCAM", DETECTOR: "NRCALONG" })],
    "reads on the fastest axis": [writeReadFastest(join(dir, "liger.fits"))],
    "one file per read": writeReads(join(dir, "reads")),
  };
  const expected = (y: number, x: number) => (slope(0, all, y, x) + slope(1, all, y, x)) / 2;
  for (const [form, paths] of Object.entries(forms)) {
    const { failures, sci } = await sampled(paths);
    t.deepEqual(failures, [], form);
    for (const [y, x] of [
      [0, 0],
      [7, 13],
      [19, 23],
    ] as const)
      t.true(Math.abs(sci[y * shape.nx + x]! - expected(y, x)) < 1e-5, `${form}, pixel ${x}, ${y}`);
  }
});

test("bits that belong to one read on the fastest axis leave that read of that ramp out", async (t) => {
  const dir = folder();
  const [y, x] = [3, 5];
  // read 2 of ramp 1 of this pixel
  const flagged = (y * shape.nx + x) * shape.nints * shape.ngroups + shape.ngroups + 2;
  const { sci, failures } = await sampled([writeReadFastest(join(dir, "liger.fits"), [flagged])]);
  t.deepEqual(failures, []);
  const with5 = slope(1, [0, 1, 3, 4, 5], y, x);
  t.true(Math.abs(sci[y * shape.nx + x]! - (slope(0, all, y, x) + with5) / 2) < 1e-5);
  t.true(Math.abs(sci[0]! - (slope(0, all, 0, 0) + slope(1, all, 0, 0)) / 2) < 1e-5);
});

test("reads in files of their own: out of order, twice, broken off, missing", async (t) => {
  const dir = folder();
  const files = writeReads(dir);
  const at = (ramp: number, read: number) => files[ramp * shape.ngroups + read]!;
  const broken = writeRead(dir, 0, 5, { COMPLETE: false }, "IMG1_e5_r0_0005.fits");
  const again = writeRead(dir, 0, 2, {}, "IMG1_e5_r0_0002b.fits");
  const given = [...[4, 0, 1, 2].map((read) => at(0, read)), again, broken];
  const { plan, sci, output } = await sampled(given);
  t.is(plan.products.length, 1);
  const [input] = plan.products[0]!.inputs;
  t.deepEqual(input!.layout?.numbers, [0, 1, 2, 4]);
  t.deepEqual(input!.exposure.readout?.times, [2, 4, 6, 10]);
  t.deepEqual(input!.exposure.assumed.slice(0, 3), [
    "COMPLETE is F in read 5: left out",
    "read 2 twice: the later file taken",
    "read 3 missing",
  ]);
  t.true(input!.layout?.files.includes(again));
  t.true(Math.abs(sci[0]! - slope(0, [0, 1, 2, 4], 0, 0)) < 1e-5);
  t.regex(output, /IMG1_e5_r0_rate\.fits$/);
});

test("a read that only one ramp lacks is left out of that ramp alone", async (t) => {
  const files = writeReads(folder());
  const { plan, sci } = await sampled(files.filter((_, i) => i !== shape.ngroups + 3));
  t.deepEqual(plan.products[0]!.inputs[0]!.layout?.places[shape.ngroups + 3], null);
  t.deepEqual(plan.products[0]!.inputs[0]!.exposure.assumed[0], "read 3 missing in ramp 1");
  // weights are those of six reads in one ramp and five in the other: both slopes are averaged alike
  const expected = (slope(0, all, 2, 2) + slope(1, [0, 1, 2, 4, 5], 2, 2)) / 2;
  t.true(Math.abs(sci[2 * shape.nx + 2]! - expected) < 1e-5);
});

test("exposures and detectors don't mix; the record names every file with its hash", async (t) => {
  const dir = folder();
  const first = writeReads(join(dir, "a"));
  const other = writeReads(join(dir, "b"), { DET_ID: "IMG2" });
  const third = writeReads(join(dir, "c"), { EXP_NO: 6 });
  const { plan } = await sampled([...third, ...first.reverse(), ...other]);
  t.deepEqual(
    plan.products.map(({ inputs }) => [inputs[0]!.exposure.detector, inputs[0]!.layout?.files]),
    [
      ["IMG1", third],
      ["IMG1", first.reverse()],
      ["IMG2", other],
    ],
  );
  const { plan: one, output } = await sampled(first);
  const [product] = one.products;
  t.deepEqual(product!.inputs[0]!.layout?.files, first);
  const text = readFileSync(output).toString("latin1");
  for (const path of first) t.true(text.includes(path));
  t.is([...text.matchAll(/"[^"]*IMG1_e5_r\d_\d{4}\.fits":"[0-9a-f]{32}"/g)].length, first.length);
});

test("a product of many files is up to date until one of them changes", async (t) => {
  const files = writeReads(folder());
  const out = folder();
  const wanted = request(out, files, {
    ...{ pipeline: "stage1", from: "ramp_fit", until: "ramp_fit" },
    layers: [layer({ refs: none })],
  });
  await reduce(wanted);
  t.deepEqual((await reduce(wanted)).plan.products[0]!.reasons, []);
  rmSync(files[8]!);
  writeRead(join(files[8]!, ".."), 1, 2, { SEEING: 0.7 });
  t.deepEqual((await reduce(wanted)).plan.products[0]!.reasons, ["inputChanged"]);
});

test("WFC3/IR: reads in order of time, rates times their time, calibrated steps left out", async (t) => {
  const path = writeIma(join(folder(), "ibxy07p9q_ima.fits"));
  const { plan, sci, failures } = await sampled([path]);
  t.deepEqual(failures, []);
  const { exposure } = plan.products[0]!.inputs[0]!;
  t.deepEqual(exposure.readout?.times, [0, 2, 4, 6, 8, 10]);
  t.deepEqual(exposure.subarray, { name: "SQ256SUB", x: 375, y: 375, nx: shape.nx, ny: shape.ny });
  t.is(exposure.gain, 1);
  t.true(Math.abs(exposure.readNoise! - 20 / Math.SQRT2) < 1e-12);
  // values relative to the first read have the same slope
  for (const p of [0, 77, 479])
    t.true(Math.abs(sci[p]! - slope(0, all, Math.floor(p / shape.nx), p % shape.nx)) < 1e-4);
  const { plan: chain } = await reduce(request(folder(), [path]));
  t.deepEqual(chain.problems, []);
  const ran = chain.products[0]!.steps.filter(({ skip }) => skip === null);
  t.deepEqual(
    ran.map(({ name }) => name),
    ["jump", "ramp_fit"],
  );
});

test("WFC3/IR flags: 256 in a read is SATURATED, 16 of the pixel HOT, 4 makes it useless", async (t) => {
  const path = writeIma(join(folder(), "x_ima.fits"), [
    { read: 5, p: 10, flag: 256 },
    { read: 5, p: 11, flag: 16 },
    { read: 0, p: 12, flag: 4 },
  ]);
  const { sci, dq } = await sampled([path]);
  t.is(dq[10]! & 2, 2);
  t.true(Math.abs(sci[10]! - slope(0, [0, 1, 2, 3, 4], 0, 10)) < 1e-4);
  t.is(dq[11]! & 2048, 2048);
  t.true(Math.abs(sci[11]! - slope(0, all, 0, 11)) < 1e-4);
  t.true(Number.isNaN(sci[12]!));
});

const ima = join(packageRoot, "../shared/data/fits/3-nir/hst-wfc3-ir-ima/ibxy07p9q_ima.fits");

test("a real IMA: the slope of four reads lies where the last read over its time does, with its scatter as error", async (t) => {
  if (!existsSync(ima)) {
    t.log("left out: ../shared/data/fits/3-nir/hst-wfc3-ir-ima isn't here");
    t.pass();
    return;
  }
  const { sci, dq, plan } = await sampled([ima]);
  t.deepEqual(plan.products[0]!.inputs[0]!.exposure.readout?.times, [0, 0.277815, 0.55563, 0.833445]);
  const file = openFits(ima);
  const last = readImage(file, file.hdu("SCI", 1)!).data as Float32Array;
  file.close();
  const made = openFits(plan.products[0]!.output);
  const err = readImage(made, made.hdu("ERR")!).data as Float32Array;
  made.close();
  const good = [...sci.keys()].filter((p) => dq[p] === 0);
  const quantile = (values: number[], q: number) =>
    values.sort((a, b) => a - b)[Math.floor(q * values.length)]!;
  t.true(good.length > 68_000);
  t.true(
    Math.abs(
      quantile(
        good.map((p) => (sci[p]! - last[p]!) / err[p]!),
        0.5,
      ),
    ) < 0.01,
  );
  // a dark sky: what scatters is read noise, 20.0 e⁻ by READNSEx, 22.8 e⁻/s in the slope
  const rates = good.map((p) => sci[p]!);
  const scatter = (quantile(rates, 0.8413) - quantile(rates, 0.1587)) / 2;
  const error = quantile(
    good.map((p) => err[p]!),
    0.5,
  );
  t.true(Math.abs(scatter / error - 1) < 0.06, `${scatter} ${error}`);
});

test("a header without INSTRUME has no rules: a needed reference must be named, an optional one may be missing", async (t) => {
  const path = writeCube(join(folder(), "generic.fits"));
  const { plan } = await reduce(request(folder(), [path], { pipeline: "stage1" }));
  t.is(plan.products.length, 0);
  t.like(plan.problems[0], { code: "E_CALIBRATION", exit: 3 });
  t.regex(
    plan.problems[0]!.message,
    /cannot resolve 3 references for .* MASK, .*: there are no calibration rules for a header without INSTRUME/,
  );
  t.regex(plan.problems[0]!.hint!, /--ref mask=FILE/);
});

test("tile-compressed ramps, the array and the pixel-by-pixel kind", async (t) => {
  const dir = folder();
  const packed = (path: string): string => {
    const file = openFits(path);
    writePieces(`${path}.fz`, packedPieces(file, { algorithm: "RICE_1", quantise: null }));
    file.close();
    return `${path}.fz`;
  };
  for (const path of [
    packed(writeCube(join(dir, "a.fits"))),
    packed(writeReadFastest(join(dir, "b.fits"))),
  ]) {
    const { sci, failures } = await sampled([path]);
    t.deepEqual(failures, []);
    t.true(Math.abs(sci[77]! - (slope(0, all, 3, 5) + slope(1, all, 3, 5)) / 2) < 1e-5);
  }
});

test("JWST ramp files: flags of reads and of pixels, also of reads that are left out", async (t) => {
  const path = join(folder(), "jw_ramp.fits");
  const { nints, ngroups, ny, nx } = shape;
  const groupdq = new Uint8Array(nints * ngroups * ny * nx);
  // read 3 of ramp 1 saturated at pixel 77, read 2 of both ramps at pixel 78
  groupdq[2 * ny * nx + 77] = 2;
  groupdq[ny * nx + 78] = groupdq[(ngroups + 1) * ny * nx + 78] = 2;
  const pixeldq = new Uint32Array(ny * nx);
  pixeldq[79] = 1;
  writeFits(path, [
    { cards: cards({ INSTRUME: "NIRCAM", TFRAME: tframe, TGROUP: tframe, S_LINEAR: "COMPLETE" }) },
    { name: "SCI", data: Float32Array.from(cube()), shape: [nints, ngroups, ny, nx] },
    { name: "PIXELDQ", data: pixeldq, shape: [ny, nx] },
    { name: "GROUPDQ", data: groupdq, shape: [nints, ngroups, ny, nx] },
  ]);
  for (const reject of [[], ["2"]]) {
    const { sci, dq } = await sampled([path], { reject });
    const good = all.filter((read) => reject.length === 0 || read !== 1);
    const mean = (first: number[], p: number) =>
      (slope(0, first, Math.floor(p / nx), p % nx) + slope(1, good, Math.floor(p / nx), p % nx)) / 2;
    t.true(
      Math.abs(
        sci[77]! -
          mean(
            good.filter((read) => read !== 2),
            77,
          ),
      ) < 1e-4,
    );
    t.is(dq[78]! & 2, reject.length === 0 ? 2 : 0);
    t.true(Number.isNaN(sci[79]!));
  }
});

test("an exposure of more files than a thread keeps open", async (t) => {
  const dir = folder();
  const files = Array.from({ length: 300 }, (_, read) => writeRead(dir, 0, read));
  const { sci, failures } = await sampled(files);
  t.deepEqual(failures, []);
  const used = files.map((_, read) => read);
  t.true(Math.abs(sci[77]! - slope(0, used, 3, 5)) < 1e-3);
});

test("JWST: DRPFRMS1 reads before the first group, groups of four with a gap of one", async (t) => {
  const keywords = { INSTRUME: "NIRCAM", NFRAMES: 4, GROUPGAP: 1, DRPFRMS1: 2, TFRAME: 10, TGROUP: 50 };
  const { plan } = await sampled([writeCube(join(folder(), "jw_uncal.fits"), keywords)]);
  // reads 3–6, 8–11 …: means 4.5, 9.5 … times 10 s
  t.deepEqual(plan.products[0]!.inputs[0]!.exposure.readout?.times, [45, 95, 145, 195, 245, 295]);
});

const rules = join(packageRoot, "../shared/oracle/crds");

test("JWST: the rules of its own observatory, which call NONLINCOEFF LINEARITY; IRIS keeps its own in the same run", async (t) => {
  if (!existsSync(join(rules, "mappings/jwst"))) {
    t.log("left out: ../shared/oracle/crds isn't here");
    t.pass();
    return;
  }
  const dir = folder();
  const nircam = {
    ...{ TELESCOP: "JWST", INSTRUME: "NIRCAM", DETECTOR: "NRCA1", EXP_TYPE: "NRC_IMAGE", READPATT: "RAPID" },
    ...{ FILTER: "F200W", PUPIL: "CLEAR", CHANNEL: "SHORT", MODULE: "A", SUBARRAY: "FULL" },
    ...{ "DATE-OBS": "2022-07-01", "TIME-OBS": "00:00:00" },
  };
  const { plan } = await reduce(
    request(
      folder(),
      [
        writeCube(join(dir, "jw_uncal.fits"), nircam),
        writeCube(join(dir, "iris.fits"), { INSTRUME: "IRIS", DETECTOR: "IRIS1", "DATE-OBS": "2022-07-01" }),
      ],
      { step: { name: "linearity", module: null }, host: testHost({ CRDS_PATH: rules }) },
    ),
  );
  t.regex(plan.problems[0]!.message, /NONLINCOEFF: the rules choose jwst_nircam_linearity_\d+\.fits/);
  t.notRegex(plan.problems[1]?.message ?? "", /jwst/);
});

test("a product names the rules of its own instrument: none for a header without INSTRUME, whatever else is reduced", async (t) => {
  const dir = folder();
  const out = folder();
  const inputs = [fixture("iris_utr.fits"), writeCube(join(dir, "generic.fits"))];
  const { plan } = await reduce(
    request(out, inputs, { pipeline: "stage1", from: "ramp_fit", until: "ramp_fit" }),
  );
  const contexts = plan.products.map(({ output }) => {
    const file = openFits(output);
    const context = getValue(file.hdus[0]!.header, "CRDS_CTX");
    file.close();
    return context;
  });
  t.deepEqual(contexts, ["tmt_0001.pmap", undefined]);
});

test("slopes of single JWST integrations are a stack of rates, not a ramp", async (t) => {
  const path = join(folder(), "jw_rateints.fits");
  const { ny, nx } = shape;
  writeFits(path, [
    { cards: cards({ INSTRUME: "NIRCAM", S_RAMP: "COMPLETE", TFRAME: 10 }) },
    { name: "SCI", data: new Float32Array(3 * ny * nx), shape: [3, ny, nx] },
  ]);
  const { plan } = await sampled([path]);
  t.regex(plan.problems[0]!.message, /ramp_fit, which takes a ramp, and this is a rate/);
});

test("times that differ from ramp to ramp can't be one exposure", async (t) => {
  const dir = folder();
  const late: Record<string, Value> = { READTIME: 60000 * 86_400e6 + 7e6 };
  const files = [...writeReads(dir).slice(0, 8), writeRead(dir, 1, 2, late)];
  const { failures } = await sampled(files);
  t.regex(failures[0]!, /ramps with different read times: .* read 3 is at/);
});

test("DATE, keywords and pixels of the product come from the first read", async (t) => {
  const { output } = await sampled(writeReads(folder(), { OBJECT: "M 92" }));
  const file = openFits(output);
  t.is(getValue(file.hdus[0]!.header, "OBJECT"), "M 92");
  t.is(getValue(file.hdus[0]!.header, "PARENT12"), "IMG1_e5_r1_0005.fits");
  t.is(getValue(file.hdus[0]!.header, "NUMRAMPS"), 2);
  file.close();
  t.true(pixels(output).has("SCI"));
});
