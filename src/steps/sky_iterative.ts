/** Subtracts the structure of the sky: the running median of the neighbouring exposures, objects masked (Clément et al. 2012). */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { StepError } from "../errors.js";
import { runningSky } from "../kernels/image/running-sky.js";
import { defineStep } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";
import { clearObjects } from "./object-flag.js";

/** Fewer exposures of a pixel than this don't tell its sky from an object. */
const LEAST = 3;

export const skyIterative = defineStep({
  name: "sky_iterative",
  summary:
    "Subtract the running median of the neighbouring exposures, their objects masked and levels taken out.",
  equation:
    "d' = d − median of the nwin exposures nearest in time with q = 0;  e'² = e² + Var(median)·mean e_k²;  fewer than 3: d, FLUX_ESTIMATED",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_SKYSUB",
  flags: ["FLUX_ESTIMATED"],
  members: {
    repeat: { doc: "the other exposures of the field, dithered by more than the size of its objects" },
  },
  params: v.object({
    nwin: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(LEAST)), 8),
      v.description("exposures nearest in time that the sky is made of"),
    ),
  }),
  run(image, { params: { nwin }, members: { repeat }, alloc }) {
    if (repeat.length < LEAST) {
      clearObjects(image.dq);
      return skipped(image, `${String(repeat.length)} other exposures, ${String(LEAST)} are needed`);
    }
    const { sci, err, dq } = image;
    for (const { nx, sci: other } of repeat)
      if (nx !== image.nx || other.length !== sci.length)
        throw new StepError(
          `sky_iterative: on ${String(repeat.length + 1)} exposures — one is ${String(nx)} pixels wide, this one ${String(image.nx)}`,
          { hint: "give exposures of one subarray: iris fits info FILES" },
        );
    const near = nearest(image, repeat, nwin);
    const sky = alloc.f32(sci.length);
    const variance = alloc.f32(sci.length);
    const few = alloc.u8(sci.length);
    runningSky(sky, variance, few, near, LEAST);
    for (let i = 0; i < sci.length; i++) {
      sci[i]! -= sky[i]!;
      err[i] = Math.sqrt(err[i]! * err[i]! + variance[i]!);
      if (few[i]) dq[i]! |= DQ.FLUX_ESTIMATED;
    }
    clearObjects(dq);
    return complete(image, { NSKY: near.length });
  },
});

/** In the order given where times are equal or unknown. */
function nearest({ exposure }: Image, others: readonly Image[], count: number): readonly Image[] {
  const time = Date.parse(`${exposure.dateObs}Z`);
  const away = (other: Image): number => {
    const distance = Math.abs(Date.parse(`${other.exposure.dateObs}Z`) - time);
    return Number.isNaN(distance) ? 0 : distance;
  };
  return [...others].sort((a, b) => away(a) - away(b)).slice(0, count);
}
