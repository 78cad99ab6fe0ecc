import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "ava";
import { keywordsOf, openFits, readImage } from "../../src/fits/index.js";
import { folder, layer, pixels, reduce, request } from "./helpers.js";

/** Raw frames of the blue side of Kast, Lick Observatory, 20 May 2015. */
const set = resolve("../shared/data/fits/2-ccd/shane-kast-blue-20150520");
const raw = (n: number): string => join(set, `b${n}.fits.gz`);

const open = (path: string) => {
  const file = openFits(path);
  try {
    const plane = (name: string) => readImage(file, file.hdu(name)!).data as Float32Array;
    return { header: keywordsOf(file.hdus[0]!.header), sci: plane("SCI"), err: plane("ERR") };
  } finally {
    file.close();
  }
};

const product = async (numbers: number[], refs: Record<string, string>, more = {}): Promise<string> => {
  const run = await reduce(request(folder(), numbers.map(raw), { layers: [layer({ refs })], ...more }));
  const wrong = run.events.filter(({ type }) => type === "failure");
  if (run.plan.products.length !== 1 || wrong.length > 0)
    throw new Error(JSON.stringify([run.plan.problems, wrong]));
  return run.plan.products[0]!.output;
};

test("Kast: the folder with one command, as with its calibrations named one by one", async (t) => {
  if (!existsSync(set)) {
    t.log(`left out: ${set} isn't there`);
    t.pass();
    return;
  }
  const files = [11, 12, 13, 21, 22, 23, 24, 27].map(raw);
  const run = await reduce(request(folder(), files, { found: new Set(files), night: { only: [], own: [] } }));
  t.deepEqual(
    run.events.filter(({ type }) => type === "failure"),
    [],
  );
  const [bias, flat, standard, target] = run.plan.products.map(({ output }) => output);
  t.is(run.plan.products.length, 4);
  t.regex(standard!, /b24_cal\.fits$/);
  t.true(
    run.plan.products[3]!.because!.some((why) => why.startsWith("flat of the night (level 0, same settings")),
  );
  const named = await product([21, 22, 23], {});
  t.deepEqual(pixels(bias!), pixels(named));
  t.deepEqual(pixels(flat!), pixels(await product([11, 12, 13], { bias: named })));
  t.deepEqual(pixels(target!), pixels(await product([27], { bias: bias!, flat: flat! })));
});

const amplifiers = [0, 1024] as const;

test("Kast: overscan, bias, flat and science of a real night", async (t) => {
  if (!existsSync(set)) {
    t.log(`left out: ${set} isn't there`);
    t.pass();
    return;
  }
  const bias = await product([21, 22], {});
  const { header } = open(bias);
  // the scatter about each line's mean, as numpy has it
  t.true(Math.abs((header["RONDN1"] as number) - 2.89112) < 2e-5);
  t.true(Math.abs((header["RONDN2"] as number) - 2.681525) < 2e-5);

  const { sci, err } = open(await product([23], { bias }, { pipeline: "ccd", until: "bias" }));
  for (const first of amplifiers) {
    const pulls: number[] = [];
    let sum = 0;
    for (let i = 0; i < sci.length; i++) {
      const x = i % 2048;
      if (x < first || x >= first + 1024) continue;
      sum += sci[i]!;
      const pull = sci[i]! / err[i]!;
      if (Math.abs(pull) < 5) pulls.push(pull);
    }
    const mean = sum / (1024 * 350);
    const width = Math.sqrt(pulls.reduce((a, b) => a + b * b, 0) / pulls.length);
    t.true(Math.abs(mean) < 0.1, `residual ${mean} DN`);
    t.true(Math.abs(width - 1) < 0.03, `width ${width}`);
  }

  const flat = await product([11, 12, 13], { bias });
  const field = open(flat).sci;
  // without the lamp's spectrum both halves are near 1 inside the slit
  for (const first of amplifiers) {
    const inside = field.filter((_, i) => {
      const [x, y] = [i % 2048, Math.floor(i / 2048)];
      return x >= first && x < first + 1024 && y >= 40 && y < 310;
    });
    const median = inside.sort()[inside.length >> 1]!;
    t.true(Math.abs(median - 1) < 0.03, `flat ${median}`);
  }

  const science = open(await product([27], { bias, flat }));
  t.deepEqual(
    ["S_OVERSC", "S_TRIM", "S_BIAS", "S_GAIN", "S_PHOTON", "S_DARK", "S_FLAT", "S_LACOS"].map(
      (name) => science.header[name],
    ),
    [...Array<string>(5).fill("COMPLETE"), "SKIPPED", "COMPLETE", "COMPLETE"],
  );
  // the trace of J1217+3905 in the red half: rows 170–178 of the slit, above the sky beside it
  const row = (y: number): number => science.sci.subarray(y * 2048 + 1400, y * 2048 + 1900).toSorted()[250]!;
  const rows = Array.from({ length: 40 }, (_, k) => row(155 + k));
  const brightest = 155 + rows.indexOf(Math.max(...rows));
  t.log(`brightest row ${brightest}: ${Math.max(...rows)} electrons, sky ${row(120)}`);
  t.true(Math.max(...rows) > 1.2 * row(120));
});
