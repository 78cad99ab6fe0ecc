/** A simulated night against its own truth: fluxes, positions, depth and cosmic rays of the mosaic of four detectors. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { medianOf } from "../../src/kernels/image/select.js";
import { windowsOf } from "../../src/instruments/iris/simulator/detector.js";
import { coreWidth, filterNamed } from "../../src/instruments/iris/simulator/optics.js";
import type { Tally } from "./families.js";
import { countLeftovers } from "./night/cosmics.js";
import { measureDepth, pixelVariance } from "./night/depth.js";
import { expectedOn } from "./night/expected.js";
import { measureStars } from "./night/photometry.js";
import { readMosaic } from "./night/product.js";
import { reduceNight, type Night } from "./night/reduce.js";
import { readField } from "./night/truth.js";

const night: Night = {
  size: 512,
  detectors: "IMG1,IMG2,IMG3,IMG4",
  reads: 8,
  tframe: 4,
  dithers: 9,
  skies: 3,
  darks: 5,
  flats: 3,
  step: 0.1013,
};
/** e⁻/s of a star whose core fills half the full well in one exposure. */
const BRIGHTEST = 40_000;
const SIGMAS = 10;

interface Row {
  what: string;
  value: string;
  limit: string;
  passed: boolean;
}

/** Made in `directory`, which must hold no night yet and is kept, or in a folder that is removed. */
export function run(directory: string): Promise<Tally> {
  const folder = directory === "" ? mkdtempSync(join(tmpdir(), "iris-night-")) : resolve(directory);
  mkdirSync(folder, { recursive: true });
  try {
    const rows = measure(folder);
    const width = Math.max(...rows.map(({ what }) => what.length));
    for (const { what, value, limit, passed } of rows)
      console.log(`${passed ? "ok  " : "FAIL"} ${what.padEnd(width)}  ${value.padStart(10)}   ${limit}`);
    const passed = rows.filter((row) => row.passed).length;
    return Promise.resolve({ passed, failed: rows.length - passed });
  } catch (error) {
    // A command that fails has said why.
    console.log(`FAIL ${(error as Error).message.split("\n")[0]!}`);
    return Promise.resolve({ passed: 0, failed: 1 });
  } finally {
    if (directory === "") rmSync(folder, { recursive: true, force: true });
  }
}

function measure(folder: string): Row[] {
  const path = reduceNight(folder, night, (text) => {
    console.log(text);
  });
  const field = readField(join(folder, "night", "truth"));
  const mosaic = readMosaic(path);
  const expected = expectedOn(mosaic, field.frames);
  const fwhm = coreWidth(filterNamed(field.filter));

  const stars = measureStars(mosaic, expected, field, fwhm, BRIGHTEST);
  const flux = medianOf(
    Float64Array.from(stars, ({ ratio }) => ratio),
    stars.length,
  );
  const squares = stars.reduce((sum, { dx, dy }) => sum + dx * dx + dy * dy, 0);
  const rms = Math.sqrt(squares / stars.length);

  const { reads, tframe, dithers, skies, size } = night;
  const windows = windowsOf(night.detectors.split(","), size, size);
  const observation = { reads, tframe, sky: field.sky, filter: field.filter, windows };
  // Each dither has the sky subtracted, the mean of as many exposures as there are.
  const empty = pixelVariance(observation, 0) / skies;
  const depth = measureDepth(
    mosaic,
    expected,
    fwhm,
    field.sky,
    (light) => (pixelVariance(observation, light) + empty) / dithers,
  );
  const shallower = 2.5 * Math.log10(depth.measured / depth.model);

  const hits = countLeftovers(mosaic, expected, SIGMAS);
  return [
    {
      what: `median flux over true flux, ${stars.length} stars`,
      value: flux.toFixed(4),
      limit: "within 0.5 % of 1",
      passed: Math.abs(flux - 1) <= 0.005,
    },
    {
      what: "position, rms in pixels",
      value: rms.toFixed(4),
      limit: "at most 0.05",
      passed: rms <= 0.05,
    },
    {
      what: `5σ limit against the noise model, mag, ${depth.apertures} empty apertures`,
      value: `${shallower <= 0 ? "+" : "−"}${Math.abs(shallower).toFixed(3)}`,
      limit: "within 0.05",
      passed: Math.abs(shallower) <= 0.05,
    },
    {
      what: `cosmic-ray pixels above ${SIGMAS}σ, of ${hits.struck} struck (worst ${hits.worst.toFixed(1)}σ)`,
      value: String(hits.left),
      limit: "none",
      passed: hits.left === 0,
    },
    {
      what: `other pixels ${SIGMAS}σ above the truth`,
      value: String(hits.others),
      limit: "none",
      passed: hits.others === 0,
    },
  ];
}
