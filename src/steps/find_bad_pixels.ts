/** Finds the bad pixels of a detector in the median and scatter of its darks, and in a flat field. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { StepError } from "../errors.js";
import { typicalOf } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { judged } from "../step/verdict.js";
import { percent } from "./fitness.js";

const sigma = (fallback: number) => v.optional(v.pipe(v.number(), v.gtValue(0)), fallback);
const fraction = (fallback: number) => v.optional(v.pipe(v.number(), v.minValue(0)), fallback);

/** A detector with a larger part of bad pixels has something else wrong with it. */
const MAX_BAD = 0.05;

const REFERENCE = DQ.REFERENCE_PIXEL | DQ.NON_SCIENCE;

export const findBadPixels = defineStep({
  name: "find_bad_pixels",
  summary: "Flag hot, dead, unstable and insensitive pixels in a median dark and a flat field.",
  equation:
    "z = (d − med d)/madstd(d): z > hot_sigma HOT, z < −cold_sigma DEAD;  e > med e + noise_sigma·madstd(e) UNRELIABLE_DARK;  f = F/med F: f < dead_frac DEAD, f < flat_low LOW_QE, NaN NO_FLAT_FIELD;  HOT, DEAD: DO_NOT_USE",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_BADPIX",
  flags: [
    "DO_NOT_USE",
    "HOT",
    "DEAD",
    "UNRELIABLE_DARK",
    "NONLINEAR",
    "LOW_QE",
    "NO_FLAT_FIELD",
    "REFERENCE_PIXEL",
    "NON_SCIENCE",
  ],
  refs: {
    flat: { type: "FLAT", doc: "master flat, for dead and insensitive pixels", optional: true },
    mask: { type: "MASK", doc: "older map; its flags stay unless `replace`", optional: true },
  },
  params: v.object({
    hot_sigma: v.pipe(sigma(10), v.description("deviations from the median dark of a hot pixel")),
    cold_sigma: v.pipe(
      v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0))), 10),
      v.description("deviations below it of a dead pixel; null: only the flat tells"),
    ),
    noise_sigma: v.pipe(sigma(10), v.description("deviations from the median scatter of an unstable pixel")),
    dead_frac: v.pipe(fraction(0.2), v.description("a pixel below this part of the median flat is dead")),
    flat_low: v.pipe(fraction(0.5), v.description("below this part it has low quantum efficiency")),
    border: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 4),
      v.description("reference pixels along each edge of a full frame"),
    ),
    replace: v.pipe(v.optional(v.boolean(), false), v.description("forget the flags of the older map")),
  }),
  run(image, { params: p, refs, alloc }) {
    const { sci, err, dq, nx, ny, exposure } = image;
    const scratch = alloc.f32(sci.length);
    const out = borderOf(image, exposure.subarray.name === "FULL" ? p.border : 0, alloc.u8(sci.length));
    const level = typicalOf(sci, out, scratch);
    const noise = typicalOf(err, out, scratch);
    const flat = refs.flat?.sci ?? null;
    const bright = flat ? typicalOf(flat, out, scratch).median : 1;
    if (!(bright > 0) || level.madstd !== level.madstd)
      throw new StepError(
        `find_bad_pixels: on darks of ${exposure.detector} — ${bright > 0 ? "no pixel has a value" : `the median of the flat is ${String(bright)}`}`,
        { hint: "look at them: iris look FILE" },
      );
    const old = p.replace ? null : (refs.mask?.dq ?? null);
    const noisy = noise.median + p.noise_sigma * noise.madstd;
    const cold = p.cold_sigma ?? Infinity;
    for (let i = 0; i < nx * ny; i++) {
      let flags = (old ? old[i]! : 0) | (dq[i]! & DQ.NONLINEAR);
      if (out[i]) flags |= REFERENCE;
      else {
        const z = (sci[i]! - level.median) / level.madstd;
        if (z > p.hot_sigma) flags |= DQ.HOT;
        if (z < -cold) flags |= DQ.DEAD;
        if (sci[i] !== sci[i]) flags |= DQ.UNRELIABLE_DARK | DQ.DO_NOT_USE;
        if (err[i]! > noisy) flags |= DQ.UNRELIABLE_DARK;
        if (flat) flags |= responseFlags(flat[i]! / bright, p.dead_frac, p.flat_low);
        if (flags & (DQ.HOT | DQ.DEAD)) flags |= DQ.DO_NOT_USE;
      }
      dq[i] = flags;
    }
    const counts = countFlags(dq);
    const bad = counts["NBADPIX"]! / (nx * ny);
    const against =
      bad <= MAX_BAD
        ? []
        : [`${percent(bad)} of the pixels are bad; more than ${percent(MAX_BAD)} speaks for unfit darks`];
    const found = `${percent(bad)} not to be used: ${String(counts["NHOT"])} hot, ${String(counts["NDEAD"])} dead`;
    return judged(image, { against, found, keywords: counts });
  },
});

function responseFlags(response: number, dead: number, low: number): number {
  if (response !== response) return DQ.NO_FLAT_FIELD;
  if (response < dead) return DQ.DEAD;
  return response < low ? DQ.LOW_QE : 0;
}

/** 1 on the outer `width` rows and columns. */
function borderOf({ nx, ny }: Image, width: number, out: Uint8Array): Uint8Array {
  for (let y = 0, i = 0; y < ny; y++)
    for (let x = 0; x < nx; x++, i++)
      out[i] = x < width || y < width || x >= nx - width || y >= ny - width ? 1 : 0;
  return out;
}

const COUNTED = {
  NBADPIX: DQ.DO_NOT_USE,
  NHOT: DQ.HOT,
  NDEAD: DQ.DEAD,
  NUNSTABL: DQ.UNRELIABLE_DARK,
  NNONLIN: DQ.NONLINEAR,
  NLOWQE: DQ.LOW_QE,
  NNOFLAT: DQ.NO_FLAT_FIELD,
} as const;

function countFlags(dq: Uint32Array): Record<string, number> {
  const names = Object.keys(COUNTED) as (keyof typeof COUNTED)[];
  const counts = Object.fromEntries(names.map((name) => [name, 0]));
  for (const flags of dq)
    if (flags !== 0) for (const name of names) if (flags & COUNTED[name]) counts[name]!++;
  return counts;
}
