import { join } from "node:path";
import test from "ava";
import { keywordsOf, openFits, readImage, writeFits } from "../../src/fits/index.js";
import { amplifiers, layout, size, responseAt, writeFrame, writeNight } from "../helpers/ccd.js";
import { cards } from "../helpers/ramp-files.js";
import { folder, layer, pixels, reduce, request } from "./helpers.js";

const planesOf = (path: string) => {
  const file = openFits(path);
  try {
    const plane = (name: string) => readImage(file, file.hdu(name)!).data as Float32Array;
    return {
      header: keywordsOf(file.hdus[0]!.header),
      science: keywordsOf(file.hdu("SCI")!.header),
      sci: plane("SCI"),
      err: plane("ERR"),
      dq: plane("DQ") as unknown as Uint32Array,
    };
  } finally {
    file.close();
  }
};

/** Median and robust width of pulls. */
function pulls(values: number[]): { median: number; width: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))]!;
  return { median: at(0.5), width: (at(0.8413) - at(0.1587)) / 2 };
}

const failures = ({ events }: Awaited<ReturnType<typeof reduce>>) =>
  events.filter(({ type }) => type === "failure");

test("two amplifiers of different gain: bias, flat and science are their truth within their errors", async (t) => {
  const home = folder();
  const { biases, flats, science, truth } = writeNight(home);
  const made = await reduce(request(home, biases));
  t.deepEqual(failures(made), []);
  const bias = made.plan.products[0]!.output;
  t.regex(bias, /CCD_SIMCAM_BIAS_20240506T010203_0\.0\.1\.fits$/);
  const refs = { bias };
  const flatRun = await reduce(request(home, flats, { layers: [layer({ refs })] }));
  t.deepEqual(failures(flatRun), []);
  const flat = flatRun.plan.products[0]!.output;
  t.is(flatRun.plan.products.length, 1);

  const run = await reduce(request(home, [science], { layers: [layer({ refs: { ...refs, flat } })] }));
  t.deepEqual(failures(run), []);
  const product = run.plan.products[0]!;
  const { header, science: own, sci, err, dq } = planesOf(product.output);
  t.deepEqual([own["NAXIS1"], own["NAXIS2"], own["BUNIT"]], [size.nx, size.ny, "electron"]);
  t.is(header["S_DARK"], "SKIPPED");
  t.true(product.caveats.some(({ message }) => message.startsWith("dark_sub skipped, no dark reference")));

  // the flat's median is 1, that of the simulated response 1 as well: 0.9 … 1.1 in equal parts
  for (const half of [0, 1]) {
    const { median, width } = pulls(
      [...sci].flatMap((d, i) => {
        const [x, y] = [i % size.nx, Math.floor(i / size.nx)];
        return x >= layout.width === (half === 1) && dq[i] === 0 ? [(d - truth(x, y)) / err[i]!] : [];
      }),
    );
    // 58 × 90 pulls: median ± 0.017; the level's and the flat's own errors are shared
    t.true(Math.abs(median) < 0.08, `amplifier ${half}: median ${median}`);
    t.true(Math.abs(width - 1) < 0.05, `amplifier ${half}: width ${width}`);
  }
  const flatPlanes = planesOf(flat);
  const off = pulls(
    [...flatPlanes.sci].map(
      (f, i) => (f - responseAt(i % size.nx, Math.floor(i / size.nx))) / flatPlanes.err[i]!,
    ),
  );
  // the median of five flats scatters by √(π/2) of what their errors say at most
  t.true(Math.abs(off.width - 1.1) < 0.15, String(off.width));
});

test("measured read noise is that of the amplifiers, in DN", async (t) => {
  const home = folder();
  const path = writeFrame(join(home, "b.fits"), { seed: 3, type: "BIAS" });
  const { plan } = await reduce(request(home, [path]));
  const { header } = planesOf(plan.products[0]!.output);
  for (const { name, gain, readNoise } of amplifiers) {
    // 90 × 20 pixels: 1.7 %; whole numbers add 1/12
    const expected = Math.hypot(readNoise / gain, Math.sqrt(1 / 12));
    t.true(Math.abs((header[`RONDN${name}`] as number) / expected - 1) < 0.07, name);
  }
  t.deepEqual([header["DSEC12"], header["S_TRIM"]], [`[59:116,1:90]`, "COMPLETE"]);
});

for (const pipeline of ["ccd", "ccd_combine"])
  test(`${pipeline}: bands of a few rows and threads = the whole frame, bit for bit`, async (t) => {
    const home = folder();
    const { biases, flats, science } = writeNight(home);
    const bias = (await reduce(request(home, biases))).plan.products[0]!.output;
    const flatRun = await reduce(request(home, flats, { layers: [layer({ refs: { bias } })] }));
    const flat = flatRun.plan.products[0]!.output;
    const again = writeFrame(join(home, "again.fits"), {
      seed: 22,
      type: "OBJECT",
      exptime: 60,
      light: () => 300,
    });
    const wanted = () =>
      request(folder(), [science, again], { pipeline, layers: [layer({ refs: { bias, flat } })] });
    const few = await reduce(wanted(), { mem: 1, jobs: 2 });
    const whole = await reduce(wanted(), { mem: 1e9 });
    t.deepEqual(failures(few), []);
    t.is(few.plan.products.length, pipeline === "ccd" ? 2 : 1);
    t.deepEqual(pixels(few.plan.products[0]!.output), pixels(whole.plan.products[0]!.output));
  });

test("step by step through files = the pipeline in one pass", async (t) => {
  const home = folder();
  const { biases, science } = writeNight(home);
  const bias = (await reduce(request(home, biases))).plan.products[0]!.output;
  const layers = [layer({ refs: { bias } })];
  const all = await reduce(request(home, [science], { pipeline: "ccd_frames", layers }));
  let path = science;
  for (const name of ["ccd_init", "overscan", "trim", "bias", "gain", "photon_noise"]) {
    const run = await reduce(request(folder(), [path], { step: { name, module: null }, layers }));
    t.deepEqual(failures(run), [], name);
    path = run.plan.products[0]!.output;
  }
  t.deepEqual(pixels(path), pixels(all.plan.products[0]!.output));
});

test("a second run finds the product up to date; a changed pixel beyond the light makes it stale", async (t) => {
  const home = folder();
  const frame = { type: "BIAS", seed: 4 } as const;
  const path = writeFrame(join(home, "b.fits"), frame);
  const out = folder();
  await reduce(request(out, [path]));
  t.deepEqual((await reduce(request(out, [path]))).plan.products[0]!.reasons, []);
  writeFrame(path, { ...frame, seed: 5 });
  t.deepEqual((await reduce(request(out, [path]))).plan.products[0]!.reasons, ["inputChanged"]);
});

test("rows below the light are cut off, and the reference pixel moves along", async (t) => {
  const home = folder();
  const [nx, ny] = [40, 60];
  const path = join(home, "rows.fits");
  writeFits(path, [
    {
      data: Float32Array.from({ length: nx * ny }, (_, i) => i),
      shape: [ny, nx],
      cards: cards({ TRIMSEC: "[3:38,21:60]", BIASSEC: "[1:40,1:10]", CRPIX1: 20, CRPIX2: 30, GAIN: 1 }),
    },
  ]);
  const run = (mem: number) =>
    reduce(request(folder(), [path], { step: { name: "trim", module: null } }), { mem });
  const { plan } = await run(1e9);
  const { science, sci } = planesOf(plan.products[0]!.output);
  t.deepEqual([science["NAXIS1"], science["NAXIS2"], science["CRPIX1"], science["CRPIX2"]], [36, 40, 18, 10]);
  // row 20, column 2 comes first; the last is row 59, column 37
  t.deepEqual([sci[0], sci.at(-1)], [20 * nx + 2, 59 * nx + 37]);
  t.deepEqual(pixels((await run(1)).plan.products[0]!.output), pixels(plan.products[0]!.output));
});

test("ccdproc's file: its uncertainty and mask are errors and flags, what it did isn't done again", async (t) => {
  const home = folder();
  const path = join(home, "ccdproc.fits");
  const shape = [2, 3];
  const write = (utype: string, uncertainty: number[]) => {
    writeFits(path, [
      {
        data: Float32Array.of(10, 20, 30, 40, 50, 60),
        shape,
        cards: cards({
          BUNIT: "adu",
          GAIN: 2,
          TRIMSEC: "[1:3,1:2]",
          SUBOSCAN: "ccd=<CCDData>",
          SUBBIAS: "x",
        }),
      },
      { name: "MASK", data: Uint8Array.of(0, 1, 0, 0, 0, 0), shape },
      { name: "UNCERT", data: Float32Array.from(uncertainty), shape, cards: cards({ UTYPE: utype }) },
    ]);
  };
  for (const [utype, values] of [
    ["StdDevUncertainty", [1, 2, 3, 4, 5, 6]],
    ["VarianceUncertainty", [1, 4, 9, 16, 25, 36]],
    ["InverseVariance", [1, 1 / 4, 1 / 9, 1 / 16, 1 / 25, 1 / 36]],
  ] as const) {
    write(utype, [...values]);
    const { plan, events } = await reduce(request(folder(), [path], { pipeline: "ccd_frames" }));
    t.deepEqual(
      events.filter(({ type }) => type === "failure"),
      [],
    );
    const { sci, err, dq, header } = planesOf(plan.products[0]!.output);
    t.deepEqual([...sci], [20, 40, 60, 80, 100, 120], utype);
    t.true(
      [2, 4, 6, 8, 10, 12].every((e, i) => Math.abs(err[i]! - e) < 1e-5),
      utype,
    );
    t.deepEqual([...dq], [0, 1, 0, 0, 0, 0]);
    t.deepEqual(
      ["S_CCDINI", "S_OVERSC", "S_BIAS", "S_GAIN", "S_PHOTON"].map((name) => header[name]),
      ["COMPLETE", "COMPLETE", "COMPLETE", "COMPLETE", "COMPLETE"],
    );
  }
});

test("a bias that is missing stops the exposure, with the way on", async (t) => {
  const home = folder();
  const { science } = writeNight(home);
  const { plan } = await reduce(request(home, [science]));
  t.is(plan.products.length, 0);
  t.is(plan.problems[0]!.exit, 3);
  t.regex(plan.problems[0]!.hint!, /--ref bias=FILE/);
});

/** Four amplifiers in HDUs of their own, 2 × 2 on the chip, each of 8 × 6 pixels, 3 columns of overscan and a row too many. */
function writeParts(path: string, sections: readonly string[]): string {
  const [nx, ny, over] = [8, 7, 3];
  writeFits(path, [
    { cards: cards({ INSTRUME: "simcam", IMAGETYP: "object", EXPTIME: 5 }) },
    ...sections.map((CCDSEC, k) => ({
      name: `im${k + 1}`,
      data: Float32Array.from({ length: (nx + over) * ny }, (_, i) => {
        const [x, y] = [i % (nx + over), Math.floor(i / (nx + over))];
        return 1000 * (k + 1) + (x < nx ? 10 * x + y : 0);
      }),
      shape: [ny, nx + over],
      cards: cards({
        CCDSEC,
        DATASEC: "[1:8,1:6]",
        BIASSEC: "[9:11,1:6]",
        GAIN: k + 1,
        RDNOISE: 4,
      }),
    })),
  ]);
  return path;
}

test("an HDU for each amplifier: put together by CCDSEC, each with its own overscan and gain", async (t) => {
  const path = writeParts(join(folder(), "mef.fits"), [
    "[1:8,1:6]",
    "[9:16,1:6]",
    "[1:8,7:12]",
    "[9:16,7:12]",
  ]);
  const run = (mem: number) =>
    reduce(
      request(folder(), [path], {
        pipeline: "ccd_frames",
        allowMissing: ["bias"],
        layers: [layer({ params: { overscan: { function: "lines" } } })],
      }),
      { mem },
    );
  const made = await run(1e9);
  t.deepEqual(failures(made), []);
  const { sci, science } = planesOf(made.plan.products[0]!.output);
  t.deepEqual([science["NAXIS1"], science["NAXIS2"], science["BIASSEC"]], [16, 12, ""]);
  for (let y = 0; y < 12; y++)
    for (let x = 0; x < 16; x++) {
      const k = (x < 8 ? 0 : 1) + (y < 6 ? 0 : 2);
      t.is(sci[y * 16 + x], (k + 1) * (10 * (x % 8) + (y % 6)), `${x}, ${y}`);
    }
  t.deepEqual(pixels((await run(1)).plan.products[0]!.output), pixels(made.plan.products[0]!.output));
});

test("a mirrored amplifier, and amplifiers without a place, are refused", async (t) => {
  for (const [sections, why] of [
    [["[1:8,1:6]", "[16:9,1:6]"], /runs backwards/],
    [["[1:8,1:6]", "[1:8,1:6]"], /neither CCDSEC nor DETSEC/],
  ] as const) {
    const path = writeParts(join(folder(), "mef.fits"), sections);
    const { plan } = await reduce(request(folder(), [path], { pipeline: "ccd_frames" }));
    t.regex(plan.problems[0]!.message, why);
    t.is(plan.problems[0]!.exit, 3);
  }
});
