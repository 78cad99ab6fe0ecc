/** Takes the lamp's own spectrum out of the flat of a spectrograph. */
import * as v from "valibot";
import type { Keywords } from "../data/exposure.js";
import { StepError } from "../errors.js";
import { divideSpectrum, lampSpectrum } from "../kernels/image/response.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const response = defineStep({
  name: "response",
  summary: "Divide the flat of a spectrograph by its lamp's spectrum.",
  equation: "F' = F/R(λ);  ln R = spline through the logarithm of the median across the slit",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_RESPON",
  params: v.object({
    axis: v.pipe(
      v.optional(v.nullable(v.picklist(["x", "y"])), null),
      v.description("axis that the wavelength runs along; None: DISPAXIS, else x"),
    ),
    pieces: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50)), 30),
      v.description("pieces of the cubic spline"),
    ),
    sigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 3),
      v.description("leave out places this many deviations off the spline"),
    ),
    niterate: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 3),
      v.description("passes of that rejection"),
    ),
    lit: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 0.5),
      v.description("lines across the slit with at least this part of the typical light are used"),
    ),
  }),
  skip: ({ exposure }) => (exposure.mode === "SPEC" ? undefined : "the flat isn't of a spectrograph"),
  run(image, { params, header, exposure }) {
    const alongX = (params.axis ?? axisOf(header)) === "x";
    const { pieces, sigma, niterate: iterations, lit } = params;
    const spectrum = lampSpectrum(image, { alongX, pieces, sigma, iterations, lit });
    if (spectrum === null)
      throw new StepError(
        `response: on an exposure of ${exposure.detector} — a spline of ${String(pieces)} pieces can't be fitted to its light`,
        { hint: "fewer pieces: -s response.pieces=5, or leave it out: --skip response" },
      );
    const { sci, err, varPoisson, varRnoise, nx } = image;
    divideSpectrum(sci, spectrum, nx, alongX, 1);
    divideSpectrum(err, spectrum, nx, alongX, 1);
    if (varPoisson) divideSpectrum(varPoisson, spectrum, nx, alongX, 2);
    if (varRnoise) divideSpectrum(varRnoise, spectrum, nx, alongX, 2);
    return complete(image);
  },
});

const axisOf = (header: Keywords): "x" | "y" => (Number(header["DISPAXIS"]) === 2 ? "y" : "x");
