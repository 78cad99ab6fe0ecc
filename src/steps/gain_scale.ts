/** Brings counts that were read with another gain setting to those of the usual one. */
import * as v from "valibot";
import type { Keywords } from "../data/exposure.js";
import { defineStep } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";

export const gainScale = defineStep({
  name: "gain_scale",
  summary: "Scale counts that were read with another gain setting to the usual one.",
  equation: "r' = f·r;  e' = f·e;  VAR' = f²·VAR,  f = GAINFACT",
  input: "rate",
  output: "rate",
  locality: "pixel",
  rescales: true,
  status: "S_GANSCL",
  refs: {
    gain: {
      type: "GAIN",
      doc: "its keyword GAINFACT is the factor; pixels aren't looked at",
      optional: true,
    },
  },
  params: v.object({
    factor: v.pipe(
      v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0))), null),
      v.description("None: the keyword GAINFACT of the exposure, else of the GAIN reference"),
    ),
  }),
  skip({ params, header, refs }) {
    const factor = factorOf(params, header, refs.gain?.header);
    if (factor === null) return "it was read with the usual gain, as far as GAINFACT tells";
    return factor === 1 ? "GAINFACT is 1" : undefined;
  },
  run(image, { params, header, refs }) {
    const factor = factorOf(params, header, refs.gain?.header);
    if (factor === null) return skipped(image, "it was read with the usual gain, as far as GAINFACT tells");
    if (!image.unit.startsWith("DN"))
      return skipped(image, `it is in ${image.unit}: gains don't matter any more`);
    const scale = (plane: Float32Array | null, by: number): void => {
      if (plane) for (let i = 0; i < plane.length; i++) plane[i]! *= by;
    };
    scale(image.sci, factor);
    scale(image.err, factor);
    scale(image.varPoisson, factor * factor);
    scale(image.varRnoise, factor * factor);
    return complete(image, { GAINFACT: factor });
  },
});

function factorOf(
  { factor }: { factor: number | null },
  header: Keywords,
  reference: Keywords | undefined,
): number | null {
  if (factor !== null) return factor;
  const stated = [header["GAINFACT"], reference?.["GAINFACT"]];
  return stated.find((value): value is number => typeof value === "number" && value > 0) ?? null;
}
