/** Turns counts into electrons. */
import * as v from "valibot";
import { amplifiersOf, forRows } from "../data/amplifiers.js";
import { isElectrons } from "../data/units.js";
import { StepError } from "../errors.js";
import { dividePlane } from "../kernels/image/planes.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const gain = defineStep({
  name: "gain",
  summary: "Counts to electrons, amplifier by amplifier.",
  equation: "d' = g·d;  e' = g·e;  VAR' = g²·VAR",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_GAIN",
  params: v.object({
    gain: v.pipe(
      v.optional(v.nullable(v.array(v.pipe(v.number(), v.gtValue(0)))), null),
      v.description("e⁻/DN of each amplifier, or one for all; None: the header's"),
    ),
  }),
  skip: ({ header }) =>
    isElectrons(String(header["BUNIT"] ?? "")) ? "the image is in electrons already" : undefined,
  run(image, { params }) {
    const { nx, exposure } = image;
    const amplifiers = amplifiersOf(exposure, nx, image.y0 + image.ny);
    const factors = amplifiers.map(
      (amplifier, k) => params.gain?.[Math.min(k, params.gain.length - 1)] ?? amplifier.gain,
    );
    const unknown = factors.findIndex((factor) => factor === null);
    if (unknown >= 0)
      throw new StepError(
        `gain: on amplifier ${amplifiers[unknown]!.name} — the header has no GAIN in e⁻/DN`,
        { hint: "say it: -s gain.gain=1.2, or go on in counts: --skip gain" },
      );
    amplifiers.forEach(({ data, overscan }, k) => {
      const g = factors[k]!;
      for (const part of overscan ? [data, overscan] : [data])
        forRows(part, image, (at, length) => {
          const stretch = (plane: Float32Array): Float32Array => plane.subarray(at, at + length);
          dividePlane(stretch(image.sci), 1 / g);
          dividePlane(stretch(image.err), 1 / g);
          if (image.varPoisson) dividePlane(stretch(image.varPoisson), 1 / (g * g));
          if (image.varRnoise) dividePlane(stretch(image.varRnoise), 1 / (g * g));
        });
    });
    const keywords = Object.fromEntries(
      amplifiers.map(({ name }, k) => [`EGAIN${amplifiers.length > 1 ? name : ""}`, factors[k]!]),
    );
    return complete({ ...image, unit: "electron" }, keywords);
  },
});
