/** The Liger model: samples (y, x, ramp, read), uneven times, coefficients last; its own empirical errors. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Image, Reference } from "../../../src/data/kinds.js";
import { openReference, readWholeReference } from "../../../src/engine/reference-source.js";
import { writeFits } from "../../../src/fits/index.js";
import { linearity } from "../../../src/steps/linearity.js";
import { rampFit } from "../../../src/steps/ramp_fit.js";
import { exposureOf, rampOf, readoutOf } from "../../helpers/ramps.js";
import { compare, type Case } from "./case.js";
import { alloc, runStep, type Check } from "./spine.js";

interface Layout {
  nx: number;
  ny: number;
  ramps: number;
  reads: number;
  /** Sample of a pixel in the file. */
  at(p: number, i: number, k: number): number;
  time(i: number, k: number): number;
}

function layoutOf({ inputs }: Case): Layout {
  const { shape, data } = inputs["DATA"]!;
  const [ny, nx, ramps, reads] = shape as [number, number, number, number];
  const times = inputs["TIMES64"]!.data as Float64Array;
  return {
    ...{ nx, ny, ramps, reads },
    at: (p, i, k) => Number(data[(p * ramps + i) * reads + k]),
    time: (i, k) => times[i * reads + k]!,
  };
}

const planes = ({ nx, ny, reads }: Layout, value: (p: number, k: number) => number): Float32Array =>
  Float32Array.from({ length: reads * nx * ny }, (_, j) => value(j % (nx * ny), Math.floor(j / (nx * ny))));

/** One of the exposure's ramps, as ours. */
function rampOfLayout(layout: Layout, i: number) {
  const { nx, ny, reads } = layout;
  const times = Array.from({ length: reads }, (_, k) => layout.time(i, k));
  const exposure = exposureOf(readoutOf(reads, { times }), { gain: 1, readNoise: 1 });
  return rampOf(
    { nx, ny, ngroups: reads, nints: 1 },
    planes(layout, (p, k) => layout.at(p, i, k)),
    exposure,
    alloc,
  );
}

/** The peer's error of a slope: scatter of the reads about a line with this slope, through their mean or the origin. */
function scatter(layout: Layout, p: number, i: number, slope: number, origin: boolean): number {
  const { reads } = layout;
  let [t, tt, s] = [0, 0, 0];
  for (let k = 0; k < reads; k++) {
    t += layout.time(i, k);
    tt += layout.time(i, k) ** 2;
    s += layout.at(p, i, k);
  }
  const offset = origin ? 0 : (s - slope * t) / reads;
  let squares = 0;
  for (let k = 0; k < reads; k++) squares += (layout.at(p, i, k) - offset - slope * layout.time(i, k)) ** 2;
  return origin
    ? Math.sqrt(squares / (reads - 1) / tt)
    : Math.sqrt(squares / (reads - 2) / (tt - (t * t) / reads));
}

/** The peer's combination of ramps by 1/error², and the error that it gives that. */
function combine(slopes: number[], errors: number[]): [number, number] {
  if (errors[0] === 0) return [slopes[0]!, 0];
  const weights = errors.map((error) => 1 / error ** 2);
  const total = weights.reduce((a, b) => a + b, 0);
  const value = slopes.reduce((sum, slope, i) => sum + slope * weights[i]!, 0) / total;
  return [value, Math.sqrt(1 / errors.reduce((sum, error) => sum + error ** 2, 0))];
}

function sampled(
  layout: Layout,
  params: Record<string, unknown>,
  origin: boolean,
): [Float32Array, Float32Array] {
  const { nx, ny, ramps } = layout;
  const noise = { gain: null, readnoise: null, dark_current: null };
  const rates = Array.from({ length: ramps }, (_, i) => {
    const { product } = runStep(rampFit, rampOfLayout(layout, i), noise, { unit: "DN/s", ...params });
    return (product as Image).sci;
  });
  const [value, error] = [new Float32Array(nx * ny), new Float32Array(nx * ny)];
  for (let p = 0; p < nx * ny; p++) {
    const slopes = rates.map((rate) => rate[p]!);
    [value[p], error[p]] = combine(
      slopes,
      slopes.map((slope, i) => scatter(layout, p, i, slope, origin)),
    ) as [number, number];
  }
  return [value, error];
}

/** The coefficients as they come out of a file of the peer's model. */
function coefficientsOf({ inputs }: Case): Reference {
  const { data, shape } = inputs["COEFFS"]!;
  const folder = mkdtempSync(join(tmpdir(), "iris-liger-"));
  try {
    const path = join(folder, "nonlin.fits");
    const cards = [{ keyword: "INSTRUME", value: "Liger" }];
    writeFits(path, [{ cards }, { name: "COEFFS", data: Float32Array.from(data, Number), shape }]);
    const source = openReference(path);
    const coefficients = readWholeReference(source, exposureOf(null), alloc);
    source.file.close();
    return coefficients;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Linearised samples in the peer's order. */
function linear(c: Case, layout: Layout): Float32Array {
  const { nx, ny, ramps, reads } = layout;
  const coefficients = coefficientsOf(c);
  const out = new Float32Array(nx * ny * ramps * reads);
  for (let i = 0; i < ramps; i++) {
    const ramp = rampOfLayout(layout, i);
    const refs = { linearity: coefficients, inverse: null, saturation: null };
    runStep(linearity, ramp, refs, { convention: "polynomial" });
    for (let p = 0; p < nx * ny; p++)
      for (let k = 0; k < reads; k++) out[(p * ramps + i) * reads + k] = ramp.sci![k * nx * ny + p]!;
  }
  return out;
}

export const checkLiger: Check = (c) => {
  const layout = layoutOf(c);
  const got: Record<string, Float32Array> = { NONLIN: linear(c, layout) };
  [got["OLS"], got["OLS_ERR"]] = sampled(layout, { mode: "utr" }, false) as [Float32Array, Float32Array];
  for (const n of c.params["num_coadd"] as number[])
    [got[`MCDS${n}`], got[`MCDS${n}ERR`]] = sampled(
      layout,
      { mode: "mcds", nreads: n, overlap: true },
      true,
    ) as [Float32Array, Float32Array];
  return Object.entries(c.expected).flatMap(([name, plane]) =>
    got[name] ? compare(name, got[name], plane, c.tolerance["all"]) : [`${name}: nothing to compare it with`],
  );
};
