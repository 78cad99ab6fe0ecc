/** Flags the stars and galaxies of an exposure, so that what is combined of several is the sky. */
import * as v from "valibot";
import { countRuns, flagRuns, maskObjects, runsOf } from "../kernels/image/object-mask.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";
import { OBJECT } from "./object-flag.js";
import { addMosaicMask, takeMosaic, type Deep } from "./mosaic-mask.js";
import { isLampFlat, skyFlatParam } from "./flat-kind.js";
import { objectParams, objectPolicy } from "./object-params.js";
import { joinStrips, stripsOf, takeStrip, type Strip } from "./whole-frame.js";

/** An exposure with a larger part of it under objects isn't one of the sky. */
const CROWDED = 0.5;

type Look = Strip & { deep: Deep | null };

export const maskObjectsStep = defineStep({
  name: "mask_objects",
  summary: "Flag stars and galaxies, so that they don't enter a combined sky.",
  equation:
    "smoothed d − background > object_sigma·rms on object_pixels or more, grown by object_grow·FWHM: q' = q | NON_SCIENCE",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_OBJMSK",
  version: 3,
  flags: ["NON_SCIENCE"],
  refs: {
    mosaic: {
      type: "MOSAIC",
      doc: "a mosaic of the field: its objects are masked, too, though one exposure doesn't show them",
      optional: true,
      whole: true,
    },
  },
  params: v.object({ ...objectParams, sky: skyFlatParam }),
  skip: (facts) => (isLampFlat(facts) ? "it is a flat of a lamp, not of the sky" : undefined),
  prepare: {
    rows: ({ size }) => stripsOf(size),
    take: (piece, { refs, params }): Look => {
      const mosaic = piece.y0 === 0 ? refs.mosaic : null;
      return { ...takeStrip(piece), deep: mosaic && takeMosaic(mosaic, objectPolicy(params)) };
    },
    make(strips: readonly Look[], { size: { nx, ny }, params, header }) {
      const { sci, bad } = joinStrips(strips);
      const deep = strips[0]!.deep;
      const mask = new Uint8Array(nx * ny);
      const found = maskObjects(mask, sci, bad, nx, ny, objectPolicy(params));
      const own = sum(mask);
      if (deep) addMosaicMask(mask, { nx, ny }, header, deep);
      const loop = deep ? loopOf(deep.header) + 1 : null;
      return { runs: runsOf(mask), count: found?.count ?? 0, own, share: sum(mask) / mask.length, loop };
    },
  },
  run(image, { prepared: { runs, count, own, share, loop } }) {
    const { dq, nx, ny, y0 } = image;
    flagRuns(dq.subarray(0, nx * ny), runs, y0 * nx, OBJECT);
    const masked = countRuns(runs);
    const keywords = { NOBJECTS: count, NMASKED: masked, ...(loop !== null && { SKYLOOP: loop }) };
    const history = [
      loop === null
        ? `${masked} pixels masked`
        : `sky loop ${loop}: ${masked} pixels masked, ${masked - own} of them by the mosaic`,
    ];
    if (share <= CROWDED) return complete(image, keywords, [], history);
    const message = `objects cover ${(100 * share).toFixed(0)} % of a frame; take exposures of emptier sky`;
    return partial(image, [{ code: "CROWDED", message }], keywords, [], history);
  },
});

const sum = (mask: Uint8Array): number => mask.reduce((total, set) => total + set, 0);

/** How often the sky of the exposures of a mosaic had been made. */
const loopOf = ({ SKYLOOP }: Deep["header"]): number => (typeof SKYLOOP === "number" ? SKYLOOP : 1);
