/** Families of robust statistics and of the combination in the manner of ccdproc. */
import { join } from "node:path";
import { DQ } from "../../../src/data/dq.js";
import { openFits, readImage } from "../../../src/fits/index.js";
import { biweightLocation, biweightScale, sortShort } from "../../../src/kernels/image/robust.js";
import {
  clipRun,
  madstdOfRun,
  meanOfRun,
  medianOfRun,
  stdOfRun,
  type ClipPolicy,
  type Run,
} from "../../../src/kernels/image/sigma-clip.js";
import { combine } from "../../../src/steps/combine.js";
import { compare, firstOf, readPlanes, toleranceOf, type Case, type Numbers, type Planes } from "./case.js";
import type { Check } from "./spine.js";
import { imageOf, runStep } from "./steps.js";

/** Finite values ascending, and the run of them that survives. */
function clipped(values: readonly number[], policy: ClipPolicy): { sorted: Float64Array; run: Run } {
  const sorted = Float64Array.from(values.filter((value) => Number.isFinite(value)));
  sortShort(sorted, sorted.length);
  const run = { from: 0, to: sorted.length };
  clipRun(sorted, run, policy);
  return { sorted, run };
}

const kept = (values: readonly number[], { sorted, run }: { sorted: Float64Array; run: Run }): number[] =>
  values.map((value) => (value >= sorted[run.from]! && value <= sorted[run.to - 1]! ? 1 : 0));

/** "clip_2.5_4_median_mad_std_None" → policy. */
function policyOf(name: string): ClipPolicy {
  const [, low, high, center, deviation, iterations] =
    /^clip_([\d.]+)_([\d.]+)_(median|mean)_(std|mad_std)_(\w+)$/.exec(name)!;
  return {
    sigmaLow: Number(low),
    sigmaHigh: Number(high),
    center: center as "median" | "mean",
    deviation: deviation === "std" ? "std" : "madstd",
    iterations: iterations === "None" ? Infinity : Number(iterations),
  };
}

const robustStats: Check = (c) => {
  const vectors = (c.inputs["vectors"] as unknown[][]).map((vector) => vector.map(Number));
  const tolerance = { atol: 1e-12, rtol: Number((c.tolerance as Record<string, unknown>)["rtol"]) };
  const results = c.expected["results"] as Record<string, unknown>[];
  return firstOf(
    ...vectors.flatMap((values, i) =>
      Object.entries(results[i]!).map(([name, expected]) => {
        const what = `vector ${String(i)} ${name}`;
        if (name.startsWith("clip_")) return compareClip(what, values, policyOf(name), expected, tolerance);
        const all = clipped(values, { ...policyOf("clip_3_3_median_std_5"), iterations: 0 });
        return compare(what, statistic(name, values, all), [expected].flat().map(Number), tolerance);
      }),
    ),
  );
};

function compareClip(
  what: string,
  values: readonly number[],
  policy: ClipPolicy,
  expected: unknown,
  tolerance: { rtol: number; atol: number },
): string | undefined {
  const done = clipped(values, policy);
  const { n_kept, mean, median, std, kept_mask } = expected as Record<string, number> & {
    kept_mask: number[];
  };
  const { sorted, run } = done;
  return firstOf(
    compare(`${what} mask`, kept(values, done), kept_mask, { rtol: 0, atol: 0 }),
    compare(
      what,
      [run.to - run.from, meanOfRun(sorted, run), medianOfRun(sorted, run), stdOfRun(sorted, run)],
      [n_kept!, mean!, median!, std!],
      tolerance,
    ),
  );
}

function statistic(
  name: string,
  values: readonly number[],
  all: { sorted: Float64Array; run: Run },
): number[] {
  const { sorted, run } = all;
  if (name === "mad_std") return [madstdOfRun(sorted, run)];
  if (name === "biweight_location_c6") return [biweightLocation(sorted, sorted.length)];
  if (name === "biweight_midvariance_c9")
    return [biweightScale(sorted, sorted.length, medianOfRun(sorted, run), "all") ** 2];
  if (name !== "scs_3_5") throw new Error(`unknown statistic ${name}`);
  const three = clipped(values, policyOf("clip_3_3_median_std_5"));
  return [
    meanOfRun(three.sorted, three.run),
    medianOfRun(three.sorted, three.run),
    stdOfRun(three.sorted, three.run),
  ];
}

export function dataOf(c: Case, name: unknown, extension: string): Numbers {
  const file = openFits(join(c.folder, String(name)));
  try {
    return readImage(file, file.hdu(extension)!).data as unknown as Numbers;
  } finally {
    file.close();
  }
}

const sigmaClipCube: Check = (c) => {
  const cube = Array.from(dataOf(c, c.inputs["cube"], "SCI") as ArrayLike<number>);
  const mean = dataOf(c, c.expected["result"], "MEAN");
  const pixels = mean.length;
  const { sigma, maxiters, cenfunc, stdfunc } = c.params as Record<string, string | number | null>;
  const policy = policyOf(
    `clip_${String(sigma)}_${String(sigma)}_${String(cenfunc)}_${String(stdfunc)}_${maxiters === null ? "None" : String(maxiters)}`,
  );
  const mask = new Float64Array(cube.length);
  const [means, medians] = [new Float64Array(pixels), new Float64Array(pixels)];
  for (let p = 0; p < pixels; p++) {
    const values = Array.from({ length: cube.length / pixels }, (_, k) => cube[k * pixels + p]!);
    const done = clipped(values, policy);
    kept(values, done).forEach((keep, k) => (mask[k * pixels + p] = 1 - keep));
    means[p] = meanOfRun(done.sorted, done.run);
    medians[p] = medianOfRun(done.sorted, done.run);
  }
  return firstOf(
    compare("MASK", mask, dataOf(c, c.expected["result"], "MASK"), { rtol: 0, atol: 0 }),
    compare("MEAN", means, mean, toleranceOf(c, "mean")),
    compare("MEDIAN", medians, dataOf(c, c.expected["result"], "MEDIAN"), toleranceOf(c, "mean")),
  );
};

/** A ccdproc frame: SCI with a MASK, which counts as a bad flag. */
function readMasked(c: Case, name: unknown): Planes {
  const planes = readPlanes(c, name);
  const mask = dataOf(c, name, "MASK");
  return { ...planes, dq: Uint32Array.from(mask as ArrayLike<number>, (m) => (m ? DQ.DO_NOT_USE : 0)) };
}

const combineCcdproc: Check = (c) => {
  const frames = (c.inputs["frames"] as string[]).map((name) => readMasked(c, name));
  const p = c.params as Record<string, never>;
  const medianOfFrame = ({ sci, dq }: Planes): number => {
    const sorted = Float64Array.from(sci.filter((value, i) => dq[i] === 0 && Number.isFinite(value))).sort();
    return medianOfRun(sorted, { from: 0, to: sorted.length });
  };
  const scale = p["scale"] === "1/median(frame)" ? frames.map((f) => 1 / medianOfFrame(f)) : null;
  if (p["scale"] !== null && !scale) return `unknown scale ${String(p["scale"])}`;
  const [nlow, nhigh] = (p["clip_extrema"] ?? [0, 0]) as [number, number];
  const [min, max] = (p["minmax_clip"] ?? [null, null]) as [number | null, number | null];
  const done = runStep(
    combine,
    frames.map((frame) => imageOf(frame)),
    {
      params: {
        method: p["method"],
        scale,
        weights: p["weights"] || null,
        nlow,
        nhigh,
        min,
        max,
        clip: p["sigma_low"] !== null,
        ...(p["sigma_low"] === null ? {} : { sigma_low: p["sigma_low"], sigma_high: p["sigma_high"] }),
        cenfunc: p["cenfunc"],
        devfunc: p["stdfunc"] === "std" ? "std" : "madstd",
        iterations: p["iterations"],
      },
    },
  );
  const mask = dataOf(c, c.expected["result"], "MASK");
  const bad = Float64Array.from(done.image.dq, (q) => (q ? 1 : 0));
  const good = <T extends ArrayLike<number>>(values: T): number[] =>
    Array.from(values).filter((_, i) => !mask[i]);
  return firstOf(
    compare("MASK", bad, mask, { rtol: 0, atol: 0 }),
    compare(
      "SCI",
      good(done.image.sci),
      good(dataOf(c, c.expected["result"], "SCI")),
      toleranceOf(c, "data"),
    ),
    compare("UNC", good(done.image.err), good(dataOf(c, c.expected["result"], "UNC")), toleranceOf(c, "unc")),
  );
};

export const statisticsFamilies: Readonly<Record<string, Check>> = {
  robust_stats: robustStats,
  sigma_clip_cube: sigmaClipCube,
  combine_ccdproc: combineCcdproc,
};
