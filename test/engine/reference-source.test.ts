import { join } from "node:path";
import test from "ava";
import { openReference, readReference, sizeOfReference } from "../../src/engine/reference-source.js";
import { writeFits } from "../../src/fits/index.js";
import { kernelMemory } from "../../src/kernels/memory.js";
import { cards } from "../helpers/ramp-files.js";
import { exposureOf } from "../helpers/ramps.js";
import { folder } from "./helpers.js";

const [ncoef, ny, nx] = [3, 7, 5];

/** A coefficient that tells where it belongs. */
const coefficient = (k: number, y: number, x: number): number => 100 * k + 10 * y + x;

function writeCoefficients(path: string, instrument: string, withErrors: boolean): string {
  const data = Float32Array.from({ length: ncoef * ny * nx }, (_, i) => {
    const p = Math.floor(i / ncoef);
    return coefficient(i % ncoef, Math.floor(p / nx), p % nx);
  });
  const shape = [ny, nx, ncoef];
  writeFits(path, [
    { cards: cards({ INSTRUME: instrument }) },
    { name: "COEFFS", data, shape },
    ...(withErrors ? [{ name: "COEFFS_ERR", data, shape }] : []),
  ]);
  return path;
}

for (const [instrument, withErrors] of [
  ["Liger", true],
  ["Liger", false],
  ["IRIS", true],
] as const)
  test(`coefficients of each pixel together (${instrument}, ${withErrors ? "with" : "without"} errors) become planes`, (t) => {
    const source = openReference(writeCoefficients(join(folder(), "nl.fits"), instrument, withErrors));
    t.deepEqual(sizeOfReference(source), { nx, ny, planes: ncoef });
    // rows 3 and 4 of a window of 3 × 4 pixels whose first is (2, 3), 1-based
    const subarray = { name: "WINDOW", x: 2, y: 3, nx: 3, ny: 4 };
    const exposure = exposureOf(null, { subarray });
    const memory = kernelMemory();
    const { sci, nz, ny: rows } = readReference(source, exposure, { nx: 3, ny: 4 }, { y0: 2, ny: 2 }, memory);
    source.file.close();
    t.deepEqual([nz, rows], [ncoef, 2]);
    const expected = [0, 1, 2].flatMap((k) =>
      [4, 5].flatMap((y) => [1, 2, 3].map((x) => coefficient(k, y, x))),
    );
    t.deepEqual([...sci], expected);
  });

test("coefficients one plane after the other stay so where no errors tell of the other model", (t) => {
  const path = join(folder(), "nl.fits");
  const data = Float32Array.from({ length: ncoef * ny * nx }, (_, i) => i);
  writeFits(path, [{ cards: cards({ INSTRUME: "IRIS" }) }, { name: "COEFFS", data, shape: [ncoef, ny, nx] }]);
  const source = openReference(path);
  source.file.close();
  t.deepEqual(sizeOfReference(source), { nx, ny, planes: ncoef });
});
