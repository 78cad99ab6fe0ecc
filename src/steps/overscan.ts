/** Subtracts the level of the pixels that each amplifier read without charge. */
import * as v from "valibot";
import { amplifiersOf, forRows } from "../data/amplifiers.js";
import type { Exposure } from "../data/exposure.js";
import type { Amplifier } from "../data/parts.js";
import { isWithin, parseSection } from "../data/section.js";
import { ConfigError, StepError } from "../errors.js";
import { fitCurve } from "../kernels/image/curve-fit.js";
import type { LevelPolicy } from "../kernels/image/overscan-level.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { isBeside, joinLevels, overscanRows, takeLevels, type TakenLevels } from "./overscan/lines.js";

const params = v.object({
  method: v.pipe(
    v.optional(v.picklist(["mean", "median"]), "mean"),
    v.description("what a line's overscan pixels are made one number by"),
  ),
  sigma: v.pipe(
    v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0))), 4),
    v.description("leave out pixels this many deviations off their line's median; None: keep all"),
  ),
  function: v.pipe(
    v.optional(v.picklist(["lines", "polynomial", "spline"]), "spline"),
    v.description("lines: each line's own level; else a smooth curve through the levels of the lines"),
  ),
  order: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50)), 8),
    v.description("coefficients of the polynomial (1: one level for all), or pieces of the cubic spline"),
  ),
  fit_sigma: v.pipe(
    v.optional(v.pipe(v.number(), v.gtValue(0)), 3),
    v.description("leave out lines this many deviations off the curve"),
  ),
  niterate: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 3),
    v.description("passes of that rejection"),
  ),
  biassec: v.pipe(
    v.optional(v.nullable(v.string()), null),
    v.description("one overscan section for the whole frame, [x1:x2,y1:y2]; None: what the header says"),
  ),
});

type Params = v.InferOutput<typeof params>;

/** The level of an amplifier by line of its overscan [DN], and its variance. */
interface Level {
  value: number[];
  variance: number[];
}

export const overscan = defineStep({
  name: "overscan",
  summary: "Subtract the level of the overscan, amplifier by amplifier.",
  equation: "d' = d − L(line);  e' = √(e² + σ_L²), σ_L² the variance of the level's fit",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_OVERSC",
  params,
  skip({ exposure, params: p, axes }) {
    const some = amplifiersFor(exposure, p, axes[0]!, axes[1]!).some(({ overscan: pixels }) => pixels);
    return some ? undefined : "the header names no overscan section";
  },
  prepare: {
    rows: ({ exposure, params: p, size }) => overscanRows(amplifiersFor(exposure, p, size.nx, size.ny)),
    take: (piece, { exposure, params: p, size }): TakenLevels =>
      takeLevels(piece, amplifiersFor(exposure, p, size.nx, size.ny), policyOf(p)),
    make: (taken, { exposure, params: p, size }) =>
      amplifiersFor(exposure, p, size.nx, size.ny).map((amplifier, k) => levelOf(taken, amplifier, k, p)),
  },
  run(image, { params: p, prepared, exposure }) {
    const amplifiers = amplifiersFor(exposure, p, image.nx, Infinity);
    const keywords: Record<string, number> = {};
    amplifiers.forEach((amplifier, k) => {
      const level = prepared[k];
      if (!level) return;
      const parts = [amplifier.data, amplifier.overscan!];
      for (const part of p.biassec === null ? parts : [amplifier.data])
        forRows(part, image, (at, length, y) => {
          subtract(image, at, length, part.x0, y, amplifier, level);
        });
      keywords[`OSCMED${amplifier.name}`] = middleOf(level.value);
    });
    return complete(image, keywords);
  },
});

/** The header's amplifiers, or one whose overscan the user names. @throws ConfigError for a section that is none. */
function amplifiersFor(exposure: Exposure, p: Params, nx: number, ny: number): readonly Amplifier[] {
  const amplifiers = amplifiersOf(exposure, nx, ny);
  if (p.biassec === null) return amplifiers;
  const section = parseSection(p.biassec);
  if (!section || !isWithin(section, nx, ny))
    throw new ConfigError(
      `overscan.biassec is no section of a frame of ${String(nx)} × ${String(ny)} pixels: ${JSON.stringify(p.biassec)}`,
      { hint: "write it as in headers, columns first: overscan.biassec=[2049:2080,1:350]" },
    );
  const { name, gain, readNoise } = amplifiers[0]!;
  const data = { x0: 0, y0: 0, nx, ny };
  return [{ name, data, overscan: section, x0: 0, y0: 0, gain, readNoise }];
}

const policyOf = ({ method, sigma }: Params): LevelPolicy => ({
  method,
  clip: {
    sigmaLow: sigma ?? Infinity,
    sigmaHigh: sigma ?? Infinity,
    iterations: sigma === null ? 0 : Infinity,
    center: "median",
    deviation: "std",
  },
});

/** A median's variance is π/2 times that of a mean. */
function levelOf(taken: readonly TakenLevels[], amplifier: Amplifier, k: number, p: Params): Level | null {
  const joined = joinLevels(taken, amplifier, k);
  if (joined === null) return null;
  const { level, count, noise } = joined;
  if (p.function === "lines") {
    const factor = p.method === "median" ? Math.PI / 2 : 1;
    return {
      value: [...level],
      variance: Array.from(count, (n) => (noise === null ? 0 : (factor * noise * noise) / n)),
    };
  }
  const curve = fitCurve(level, {
    function: p.function,
    order: p.order,
    sigma: p.fit_sigma,
    iterations: p.niterate,
  });
  if (curve === null)
    throw new StepError(
      `overscan: on amplifier ${amplifier.name} — a ${p.function} of order ${String(p.order)} can't be fitted to ${String(level.length)} lines`,
      { hint: "choose a lower order, or one level: -s overscan.function=polynomial -s overscan.order=1" },
    );
  return { value: [...curve.value], variance: [...curve.variance] };
}

/** Lines beyond the overscan's first and last have their level. */
function subtract(
  { sci, err }: { sci: Float32Array; err: Float32Array },
  at: number,
  length: number,
  x0: number,
  y: number,
  amplifier: Amplifier,
  { value, variance }: Level,
): void {
  const pixels = amplifier.overscan!;
  const beside = isBeside(amplifier);
  const last = value.length - 1;
  for (let i = 0; i < length; i++) {
    const line = Math.min(last, Math.max(0, beside ? y - pixels.y0 : x0 + i - pixels.x0));
    sci[at + i]! -= value[line]!;
    const e = err[at + i]!;
    err[at + i] = Math.sqrt(e * e + variance[line]!);
  }
}

function middleOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
