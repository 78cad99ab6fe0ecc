/** A read that one of two ramps lacks holds no sample: no step of the chain judges it, or anything by it. */
import { join } from "node:path";
import test from "ava";
import type { Layer } from "../../src/config/layers.js";
import { openFits, readImage, writeFits } from "../../src/fits/index.js";
import { cards } from "../helpers/ramp-files.js";
import { folder, layer, pixels, reduce, request } from "./helpers.js";

const [side, reads, ramps] = [32, 8, 2];
const n = side * side;
/** The read that ramp 1 lacks. */
const gap = 3;

/** DN of a pixel after `read` + 1 seconds; reference pixels at the edges stay at the bias. FRMDIVSR doubles them. */
function value(ramp: number, read: number, p: number): number {
  const [y, x] = [Math.floor(p / side), p % side];
  const isLit = Math.min(x, y, side - 1 - x, side - 1 - y) >= 4;
  const rate = x === 16 && y === 16 ? 2400 : 100 + ((x * 7 + y * 13) % 5);
  return 500 + 10 * ramp + (isLit ? rate * (read + 1) : 0);
}

/** One file per read, of which `isThere` says whether it was kept. */
function writeExposure(make: (values: number[]) => Uint16Array | Float32Array, isThere = true): string[] {
  const dir = folder();
  const files: string[] = [];
  for (let ramp = 0; ramp < ramps; ramp++)
    for (let read = 0; read < reads; read++) {
      if (!isThere && ramp === 1 && read === gap) continue;
      const path = join(dir, `r${ramp}_${read}.fits`);
      const primary = cards({
        ...{ TELESCOP: "TMT", INSTRUME: "IRIS", DET_ID: "IMG1", IMTYPE: "SCI", FILTER: "Kbb" },
        ...{ EXP_NO: 1, RAMP_NO: ramp, READ_NO: read, TFRAME: 1, EXPTIME: reads, FRMDIVSR: 2, NOUTPUTS: 4 },
        ...{ GAIN: 2, READNOIS: 10 },
      });
      const data = make(Array.from({ length: n }, (_, p) => value(ramp, read, p)));
      writeFits(path, [{ cards: primary, data, shape: [side, side] }]);
      files.push(path);
    }
  return files;
}

function references(): Record<string, string> {
  const dir = folder();
  const write = (type: string, planes: number[], width = side): string => {
    const path = join(dir, `${type}.fits`);
    const data = Float32Array.from({ length: planes.length * width * width }, (_, i) =>
      planes.length > 0 && width < side ? (i === 4 ? 1 : 0) : planes[Math.floor(i / n)]!,
    );
    const shape = planes.length > 1 ? [planes.length, width, width] : [width, width];
    writeFits(path, [{ cards: [] }, { name: "SCI", data, shape }]);
    return path;
  };
  return {
    ...{ MASK: "N/A", GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A", GAINFACT: "N/A" },
    SATURATION: write("SATURATION", [30_000]),
    IPC: write("IPC", [0], 3),
    SUPERBIAS: write("SUPERBIAS", [900]),
    NONLINCOEFF: write("NONLINCOEFF", [0, 1, 1e-7]),
    DARK: write(
      "DARK",
      Array.from({ length: reads }, (_, k) => 3 * (k + 1)),
    ),
  };
}

const everyStep = ["ipc", "superbias", "dark", "charge_migration", "clean_flicker_noise", "persistence"];

const settings = (mode: string): Layer =>
  layer({
    params: {
      refpix: { border: 4 },
      charge_migration: { signal_threshold: 22_000 },
      persistence: { persistence_time: 2, dn_threshold: 20_000 },
      ramp_fit: { mode },
    },
    skip: Object.fromEntries(everyStep.map((name) => [name, false])),
    refs: references(),
  });

function planes(path: string): Record<string, ArrayLike<number>> {
  const file = openFits(path);
  try {
    return Object.fromEntries(
      file.hdus
        .filter(({ image }) => image !== null)
        .map((hdu) => [hdu.name, readImage(file, hdu).data as unknown as ArrayLike<number>]),
    );
  } finally {
    file.close();
  }
}

const encodings = {
  uint16: (values: number[]) => Uint16Array.from(values),
  float32: (values: number[]) => Float32Array.from(values),
};

for (const [encoding, make] of Object.entries(encodings))
  for (const mode of ["utr", "mcds", "cds", "ols", "likelihood"])
    test(`all of stage1, ${mode} of ${encoding}: flags and rates are those of the exposure without the gap`, async (t) => {
      const layers = [settings(mode)];
      const rates = async (files: string[]) => {
        const wanted = request(folder(), files, { pipeline: "stage1", layers });
        const { plan, events } = await reduce(wanted);
        t.deepEqual(
          events.filter(({ type }) => type === "failure"),
          [],
        );
        const product = plan.products[0]!;
        const skipped = product.steps.filter(({ skip }) => skip !== null).map(({ name }) => name);
        t.deepEqual(skipped, ["dq_init", "gain_scale"]);
        return planes(product.output);
      };
      const [whole, lacking] = [await rates(writeExposure(make)), await rates(writeExposure(make, false))];
      for (let p = 0; p < n; p++) {
        t.is(lacking["DQ"]![p], whole["DQ"]![p], `flags of pixel ${p}`);
        const [expected, given] = [whole["SCI"]![p]!, lacking["SCI"]![p]!];
        t.true(
          Math.abs(given - expected) <= 2e-3 * Math.abs(expected) + 0.02,
          `pixel ${p}: ${given}, ${expected}`,
        );
        // 2 × 8 reads, or 8 and two pieces of 3 and 4
        const more = lacking["VAR_RNOISE"]![p]! / whole["VAR_RNOISE"]![p]!;
        t.true(more >= 0.999 && more < 2.5, `pixel ${p}: ${more}`);
      }
    });

test("the steps one by one through files ≡ the chain", async (t) => {
  const layers = [settings("utr")];
  const files = writeExposure(encodings.uint16, false);
  const { plan } = await reduce(request(folder(), files, { pipeline: "stage1", layers }));
  const { steps, output } = plan.products[0]!;
  let given = files;
  for (const { name, skip } of steps) {
    if (skip !== null) continue;
    const step = { name, module: null };
    const { plan: one } = await reduce(request(folder(), given, { step, layers }));
    given = [one.products[0]!.output];
  }
  t.deepEqual(pixels(given[0]!), pixels(output));
});
