/** Subtracts the clipped average of background exposures. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { StepError } from "../errors.js";
import type { Image } from "../data/kinds.js";
import type { Alloc } from "../kernels/alloc.js";
import { clippedMean } from "../kernels/image/clipped-mean.js";
import { addInQuadrature, flagUnknown, orFlags, subtractPlane } from "../kernels/image/planes.js";
import { defineStep, type ExtraPlane } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const background = defineStep({
  name: "background",
  summary: "Subtract the sigma-clipped average of background exposures.",
  equation:
    "d' = d − mean(b_i that survive |b − med| ≤ σ·std);  e_b = √(Σe_i²)/n of the survivors;  q' = q | OR of all q_i",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_BKDSUB",
  flags: ["DO_NOT_USE"],
  members: { background: { doc: "one or more exposures of the sky beside the target" } },
  params: v.object({
    sigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 3),
      v.description("clip backgrounds farther than this many standard deviations from their median"),
    ),
    maxiters: v.pipe(
      v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
      v.description("passes of clipping; null clips until nothing changes"),
    ),
    save_combined_background: v.pipe(
      v.optional(v.boolean(), false),
      v.description(
        "add BKG, BKG_ERR and BKG_DQ, the average, to the product; where another step changes the image afterwards, they are left behind",
      ),
    ),
    propagate_err: v.pipe(
      v.optional(v.boolean(), true),
      v.description("add the error of the average background to the error of the image"),
    ),
  }),
  extras: ({ save_combined_background: isSaved }) => (isSaved ? COMBINED : []),
  skip: ({ members }) =>
    (members["background"] ?? 0) > 0 ? undefined : "no background exposure was given with it",
  run(image, { members, params, alloc }) {
    const plane = image.nx * image.ny;
    for (const member of members.background)
      if (member.nx !== image.nx || member.ny !== image.ny || member.nz !== 1)
        throw new StepError(
          `background: on an exposure of ${member.exposure.detector} — it holds ${[member.nx, member.ny, member.nz].join(" × ")} pixels, the image ${String(image.nx)} × ${String(image.ny)}`,
          { hint: "give backgrounds of the science's subarray: iris fits info FILE" },
        );
    const average = averageOf(members.background, plane, params, alloc);
    for (let at = 0; at < image.nz * plane; at += plane) {
      subtractPlane(image.sci, at, average.sci, 1);
      if (params.propagate_err) addInQuadrature(image.err, at, average.err, 1);
      orFlags(image.dq, at, average.dq);
      flagUnknown(image.dq, at, average.sci, DQ.DO_NOT_USE);
    }
    if (!params.save_combined_background) return complete(image);
    const extras = { BKG: average.sci, BKG_ERR: average.err, BKG_DQ: average.dq };
    return complete({ ...image, extras });
  },
});

const COMBINED: ExtraPlane[] = [
  { name: "BKG", axes: [], type: "f32", unit: "", comment: "average background that was subtracted" },
  { name: "BKG_ERR", axes: [], type: "f32", unit: "", comment: "its error" },
  { name: "BKG_DQ", axes: [], type: "u32", unit: "", comment: "flags of the exposures that it is made of" },
];

/** A single exposure is its own average. */
function averageOf(
  members: readonly Image[],
  n: number,
  { sigma, maxiters }: { sigma: number; maxiters: number | null },
  alloc: Alloc,
): Pick<Image, "sci" | "err" | "dq"> {
  if (members.length === 1) return members[0]!;
  const average = { sci: alloc.f32(n), err: alloc.f32(n), dq: alloc.u32(n) };
  clippedMean(average, members, sigma, maxiters ?? Infinity);
  return average;
}
