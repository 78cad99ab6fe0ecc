/** Saturation, linearity and dark: our steps on the recorded ramps. */
import * as v from "valibot";
import type { Image, Ramp, Reference } from "../../../src/data/kinds.js";
import { samples } from "../../../src/data/ramp.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import type { AnyStep, RefFacts } from "../../../src/step/define.js";
import { dark } from "../../../src/steps/dark.js";
import { linearity } from "../../../src/steps/linearity.js";
import { saturation } from "../../../src/steps/saturation.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../../helpers/ramps.js";
import { prepareOn } from "../../helpers/run-step.js";
import { compareAll, type Case, type Plane } from "./case.js";

/** The differences found; none when the case passes. */
export type Check = (c: Case) => string[];

export const alloc = kernelMemory();

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The ramp of a case, read as its keywords say. */
export function rampOfCase({ inputs, keywords, params }: Case): Ramp {
  const sci = inputs["SCI"]!;
  const [nints, ngroups, ny, nx] = sci.shape as [number, number, number, number];
  const pattern = params["read_pattern"] as number[][] | null | undefined;
  const tframe = keywords["TFRAME"] ?? 1;
  const readout = readoutOf(ngroups, {
    nframes: keywords["NFRAMES"] ?? 1,
    groupgap: keywords["GROUPGAP"] ?? 0,
    tframe,
    ...(pattern ? { pattern, times: pattern.map((reads) => (tframe * sum(reads)) / reads.length) } : {}),
  });
  const flags = {
    groupdq: (inputs["GROUPDQ"]?.data as ArrayLike<number> | undefined) ?? null,
    pixeldq: (inputs["PIXELDQ"]?.data as ArrayLike<number> | undefined) ?? null,
  };
  return rampOf({ nx, ny, ngroups, nints }, sci.data as ArrayLike<number>, exposureOf(readout), alloc, flags);
}

/** A reference from the named arrays of a case; null when it isn't there. */
export function reference(
  { inputs }: Case,
  name: string,
  dqName?: string,
  header: Reference["header"] = {},
): Reference | null {
  const plane: Plane | undefined = inputs[name];
  if (!plane) return null;
  const [ny, nx] = plane.shape.slice(-2) as [number, number];
  const dq = dqName ? ((inputs[dqName]?.data as ArrayLike<number> | undefined) ?? null) : null;
  return referenceOf(nx, ny, plane.data as ArrayLike<number>, { dq, header, name });
}

/** Runs a step as the engine does: `skip` first, then `run` with checked parameters. */
export function runStep(
  step: AnyStep,
  given: Ramp | Image,
  refs: Record<string, Reference | null>,
  params: Record<string, unknown> = {},
  header: Reference["header"] = {},
): { status: string; product: unknown } {
  const { nx, ny, exposure } = given;
  const checked: unknown = v.parse(step.params as v.GenericSchema, params);
  const facts: Record<string, RefFacts | null> = refs;
  const why: unknown = step.skip?.({
    exposure,
    header,
    axes: "ngroups" in given ? [nx, ny, given.ngroups, given.nints] : [nx, ny],
    params: checked,
    refs: facts,
    members: {},
  });
  if (why !== undefined) return { status: "SKIPPED", product: given };
  const context = { params: checked, refs, members: {}, exposure, header, alloc };
  const prepared = prepareOn(step, given, context);
  const outcome = step.run(given, { ...context, prepared }) as { status: string; product: unknown };
  if ("ngroups" in given && given.waiting) samples(given, alloc);
  return { status: outcome.status === "skipped" ? "SKIPPED" : "COMPLETE", product: outcome.product };
}

export const planesOf = (ramp: Ramp): Record<string, ArrayLike<number>> => ({
  SCI: ramp.sci!,
  PIXELDQ: ramp.pixeldq,
  GROUPDQ: ramp.groupdq ?? new Uint8Array(ramp.sci!.length),
});

const checkSaturation: Check = (c) => {
  const ramp = rampOfCase(c);
  const pattern = c.params["read_pattern"] as number[][] | null;
  const refs = { saturation: reference(c, "SATTHRESH", "SATDQ"), superbias: reference(c, "BIAS") };
  const params = { n_pix_grow_sat: c.params["n_pix_grow_sat"], use_readpatt: pattern !== null };
  runStep(saturation, ramp, refs, params);
  return compareAll(c, planesOf(ramp));
};

const checkLinearity: Check = (c) => {
  const ramp = rampOfCase(c);
  const refs = {
    linearity: reference(c, "COEFFS", "LINDQ"),
    inverse: reference(c, "INVCOEFF"),
    saturation: reference(c, "SATVAL"),
  };
  runStep(linearity, ramp, refs, { convention: "polynomial" });
  return compareAll(c, planesOf(ramp));
};

const checkDark: Check = (c) => {
  const { nframes, groupgap } = c.params["dark"] as { nframes: number; groupgap: number };
  const { sci } = c.params as { sci: { nframes: number; groupgap: number } };
  const ramp = rampOfCase({ ...c, keywords: { NFRAMES: sci.nframes, GROUPGAP: sci.groupgap } });
  const master = reference(c, "DARK", "DARKDQ", { NFRAMES: nframes, GROUPGAP: groupgap });
  const { status } = runStep(dark, ramp, { dark: master });
  const wanted = c.params["status"];
  return [
    ...(status === wanted ? [] : [`the step is ${status}, expected ${String(wanted)}`]),
    ...compareAll(c, planesOf(ramp)),
  ];
};

export const spine: Readonly<Record<string, Check>> = {
  saturation: checkSaturation,
  linearity: checkLinearity,
  dark: checkDark,
};
