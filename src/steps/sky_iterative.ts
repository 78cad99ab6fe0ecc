/** Subtracts the structure of the sky: the running median of the neighbouring exposures, objects masked (Clément et al. 2012). */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { StepError } from "../errors.js";
import { runningSky } from "../kernels/image/running-sky.js";
import type { ClipPolicy } from "../kernels/image/sigma-clip.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";
import { clearObjects } from "./object-flag.js";

/** Fewer exposures of a pixel than this don't tell its sky from an object. */
const LEAST = 3;

/** Beside the field lie other objects than in it, faint ones that nothing masks among them. */
const OUTLIERS: ClipPolicy = {
  sigmaLow: 3,
  sigmaHigh: 3,
  iterations: 5,
  center: "median",
  deviation: "madstd",
};

const whole = v.pipe(v.number(), v.integer());

export const skyIterative = defineStep({
  name: "sky_iterative",
  summary:
    "Subtract the running median of the neighbouring exposures, or of exposures of empty sky, objects masked and levels taken out.",
  equation:
    "d' = d − median of the nwin exposures nearest in time with q = 0 (of empty sky: clipped at 3 σ);  e'² = e² + Var(median)·mean e_k²;  fewer than 3, and no super sky: d, FLUX_ESTIMATED",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_SKYSUB",
  version: 3,
  flags: ["FLUX_ESTIMATED"],
  members: {
    repeat: {
      doc: "the other exposures of the field, dithered by more than the size of its objects",
      optional: true,
      nearest: "nwin",
      unless: "background",
    },
    background: {
      doc: "exposures of empty sky beside a crowded or extended target: where there are any, the sky is theirs",
      optional: true,
      nearest: "nwin",
    },
  },
  params: v.object({
    nwin: v.pipe(
      v.optional(v.pipe(whole, v.minValue(LEAST)), 8),
      v.description("exposures nearest in time that the sky is made of"),
    ),
    max_loops: v.pipe(
      v.optional(v.pipe(whole, v.minValue(1)), 3),
      v.description(
        "of pipelines that make the sky again without the objects of the mosaic: times at most; 1: once",
      ),
    ),
    keep_mask: v.pipe(
      v.optional(v.boolean(), false),
      v.description("leave NON_SCIENCE set on masked objects, for mosaic_objects"),
    ),
  }),
  run(image, { params: { keep_mask }, members: { repeat, background }, header, alloc }) {
    const { sci, err, dq } = image;
    const isBeside = background.length > 0;
    const frames = isBeside ? background : repeat;
    for (const { nx, sci: other } of frames)
      if (nx !== image.nx || other.length !== sci.length)
        throw new StepError(
          `sky_iterative: on ${String(frames.length + 1)} exposures — one is ${String(nx)} pixels wide, this one ${String(image.nx)}`,
          { hint: "give exposures of one subarray: iris fits info FILES" },
        );
    const sky = alloc.f32(sci.length);
    const variance = alloc.f32(sci.length);
    const few = alloc.u8(sci.length);
    // A super sky is the median of many already.
    const least = background.some(({ exposure }) => exposure.obstype === "REFERENCE") ? 1 : LEAST;
    runningSky(sky, variance, few, frames, least, isBeside ? OUTLIERS : null);
    for (let i = 0; i < sci.length; i++) {
      sci[i]! -= sky[i]!;
      err[i] = Math.sqrt(err[i]! * err[i]! + variance[i]!);
      if (few[i]) dq[i]! |= DQ.FLUX_ESTIMATED;
    }
    if (!keep_mask) clearObjects(dq);
    const keywords = { NSKY: frames.length, SKYLOOP: Number(header["SKYLOOP"] ?? 1) };
    if (frames.length >= least) return complete(image, keywords);
    const message = `${count(frames.length)} of the sky, ${String(LEAST)} are needed: only the level is subtracted`;
    return partial(image, [{ code: "FEW_SKIES", message }], keywords);
  },
});

const count = (n: number): string =>
  n === 0 ? "no other exposure" : n === 1 ? "one other exposure" : `${String(n)} other exposures`;
