/** Starts errors and flags of a raw CCD frame: read noise by amplifier, saturated pixels, pixels without light. */
import * as v from "valibot";
import { amplifiersOf, forRows } from "../data/amplifiers.js";
import { DQ } from "../data/dq.js";
import type { Amplifier } from "../data/parts.js";
import { defineStep } from "../step/define.js";
import { complete, partial, type Caveat } from "../step/outcome.js";
import { joinLevels, overscanRows, takeLevels, type TakenLevels } from "./overscan/lines.js";

const positive = v.pipe(v.number(), v.gtValue(0));

const MEASURE = {
  method: "mean",
  clip: { sigmaLow: 5, sigmaHigh: 5, iterations: Infinity, center: "median", deviation: "std" },
} as const;

export const ccdInit = defineStep({
  name: "ccd_init",
  summary: "Start errors and flags of a raw CCD frame: read noise, saturation, pixels without light.",
  equation: "e = σ of the amplifier's overscan, else read noise / gain;  d ≥ saturation: q' = q | SATURATED",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_CCDINI",
  flags: ["SATURATED", "REFERENCE_PIXEL", "DO_NOT_USE"],
  params: v.object({
    read_noise: v.pipe(
      v.optional(v.nullable(v.array(positive)), null),
      v.description("read noise of each amplifier in DN, or one for all; None: measured, or the header's"),
    ),
    measure: v.pipe(
      v.optional(v.boolean(), true),
      v.description("take the scatter of the overscan before the header's read noise"),
    ),
    saturation: v.pipe(
      v.optional(v.nullable(positive), null),
      v.description(
        "DN from which a pixel is saturated; None: the header's, or the largest number of the file",
      ),
    ),
  }),
  prepare: {
    rows: ({ params, exposure, size }) =>
      params.read_noise === null && params.measure
        ? overscanRows(amplifiersOf(exposure, size.nx, size.ny))
        : [],
    take: (piece, { exposure, size }): TakenLevels =>
      takeLevels(piece, amplifiersOf(exposure, size.nx, size.ny), MEASURE),
    make: (taken, { params, exposure, size }) =>
      amplifiersOf(exposure, size.nx, size.ny).map(
        (amplifier, k): number | null =>
          params.read_noise?.[Math.min(k, params.read_noise.length - 1)] ??
          joinLevels(taken, amplifier, k)?.noise ??
          inDn(amplifier),
      ),
  },
  run(image, { params, prepared, exposure }) {
    const { nx, sci, err, dq } = image;
    const amplifiers = amplifiersOf(exposure, nx, image.y0 + image.ny);
    const limit = params.saturation ?? exposure.saturation ?? Infinity;
    for (let i = 0; i < dq.length; i++) dq[i]! |= DQ.REFERENCE_PIXEL | DQ.DO_NOT_USE;
    amplifiers.forEach(({ data, overscan }, k) => {
      const noise = prepared[k] ?? 0;
      for (const part of overscan ? [overscan, data] : [data])
        forRows(part, image, (at, length) => {
          err.fill(noise, at, at + length);
        });
      forRows(data, image, (at, length) => {
        for (let i = at; i < at + length; i++) {
          dq[i]! &= ~(DQ.REFERENCE_PIXEL | DQ.DO_NOT_USE);
          if (sci[i]! >= limit) dq[i]! |= DQ.SATURATED;
        }
      });
    });
    const product = image.unit === "" ? { ...image, unit: "DN" } : image;
    const keywords = Object.fromEntries(
      amplifiers.flatMap(({ name }, k) => (prepared[k] ? [[`RONDN${name}`, prepared[k]]] : [])),
    );
    const unknown = amplifiers.filter((_, k) => !prepared[k]);
    if (unknown.length === 0) return complete(product, keywords);
    const caveat: Caveat = {
      code: "READ_NOISE",
      message: `no overscan and no RDNOISE: errors lack the read noise of amplifier ${unknown.map(({ name }) => name).join(", ")}`,
    };
    return partial(product, [caveat], keywords);
  },
});

const inDn = ({ gain, readNoise }: Amplifier): number | null =>
  readNoise !== null && gain !== null && gain > 0 ? readNoise / gain : null;
