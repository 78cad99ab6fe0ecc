/** Flags the stars and galaxies of an exposure, so that what is combined of several is the sky. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { drawRuns, maskObjects, runsOf } from "../kernels/image/object-mask.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";
import { isLampFlat, skyFlatParam } from "./flat-kind.js";
import { objectParams, objectPolicy } from "./object-params.js";
import { joinStrips, stripsOf, takeStrip, type Strip } from "./whole-frame.js";

/** An exposure with a larger part of it under objects isn't one of the sky. */
const CROWDED = 0.5;

export const maskObjectsStep = defineStep({
  name: "mask_objects",
  summary: "Flag stars and galaxies, so that they don't enter a combined sky.",
  equation:
    "smoothed d − background > object_sigma·rms on object_pixels or more, grown by object_grow·FWHM: q' = q | OUTLIER",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_OBJMSK",
  flags: ["OUTLIER"],
  params: v.object({ ...objectParams, sky: skyFlatParam }),
  skip: (facts) => (isLampFlat(facts) ? "it is a flat of a lamp, not of the sky" : undefined),
  prepare: {
    rows: ({ size }) => stripsOf(size),
    take: (piece) => takeStrip(piece),
    make(strips: readonly Strip[], { size: { nx, ny }, params }) {
      const { sci, bad } = joinStrips(strips);
      const mask = new Uint8Array(nx * ny);
      const found = maskObjects(mask, sci, bad, nx, ny, objectPolicy(params));
      const runs = runsOf(mask);
      return { runs, count: found?.count ?? 0, share: mask.reduce((sum, set) => sum + set, 0) / mask.length };
    },
  },
  run(image, { prepared: { runs, count, share }, alloc }) {
    const { dq, nx, ny, y0 } = image;
    const mask = alloc.u8(nx * ny);
    drawRuns(mask, runs, y0 * nx);
    for (let i = 0; i < mask.length; i++) if (mask[i]) dq[i]! |= DQ.OUTLIER;
    const keywords = { NOBJECTS: count };
    if (share <= CROWDED) return complete(image, keywords);
    const message = `objects cover ${(100 * share).toFixed(0)} % of a frame; take exposures of emptier sky`;
    return partial(image, [{ code: "CROWDED", message }], keywords);
  },
});
