/** Flags cosmic rays in dithered exposures: what stands out of the median of all exposures of the same sky. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { flagOutliersOf } from "../kernels/image/blot-outliers.js";
import { clipRun, meanOfRun } from "../kernels/image/sigma-clip.js";
import { defineStep } from "../step/define.js";
import type { Rows } from "../step/joint.js";
import { complete, skipped } from "../step/outcome.js";
import { commonGrid, isRepeat, overlap, type OnGrid } from "./common-grid.js";
import { medianOfRepeats } from "./outlier-detection/repeats.js";
import { medianOnGrid, rowsForMedian } from "./outlier-detection/resampled.js";
import { weightOf } from "./outlier-detection/weight.js";

const positive = v.pipe(v.number(), v.gtValue(0));
const pair = (first: number, second: number) =>
  v.optional(v.tuple([v.pipe(v.number(), v.minValue(0)), v.pipe(v.number(), v.minValue(0))]), [
    first,
    second,
  ]);

const params = v.object({
  snr: v.pipe(
    pair(5, 4),
    v.description("deviations, in units of ERR, of a hit and of the pixels beside one"),
  ),
  scale: v.pipe(
    pair(1.2, 0.7),
    v.description("allowance for both as a part of the steepest step to a neighbour in the median"),
  ),
  maskpt: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.7),
    v.description(
      "a pixel counts in the median if it weighs more than this part of its exposure's mean weight",
    ),
  ),
  backg: v.pipe(
    v.optional(v.number(), 0),
    v.description("level that the exposures have and the median hasn't, in their unit"),
  ),
  pixfrac: v.pipe(
    v.optional(v.pipe(positive, v.maxValue(1)), 1),
    v.description("side of a drop as a part of the pixel, when an exposure is resampled for the median"),
  ),
});

/** Rows and columns that the weights are sampled in. */
const SAMPLES = 128;
/** Rows beside the wanted ones: 3 × 3 neighbours, and theirs for the gradient. */
const BESIDE = 2;

interface Weights {
  index: number;
  values: Float32Array;
}

export const outlierDetection = defineStep({
  name: "outlier_detection",
  summary: "Flag what stands out of the median of all exposures of the same sky.",
  equation:
    "|d − M − backg| > scale₂·∂ + snr₂·e, beside (3 × 3) a pixel with > scale₁·∂ + snr₁·e: OUTLIER, DO_NOT_USE;  M: median of the exposures resampled one by one, brought back; ∂: its largest step to 4 neighbours.  Not dithered: |d − M| > snr₁·e",
  input: "image",
  output: "image",
  locality: "joint",
  status: "S_OUTLIR",
  flags: ["OUTLIER", "DO_NOT_USE"],
  params,
  members: {
    repeat: { doc: "the other exposures of the field, when the step is run alone", optional: true },
  },
  joint: {
    margin: 12,
    rows(inputs, wanted, p) {
      if (inputs.length < 2) return wanted;
      const { grid, places } = commonGrid(inputs, "compare");
      const grown = wanted.map(({ y0, ny }) =>
        ny > 0 ? { y0: y0 - BESIDE, ny: ny + 2 * BESIDE } : { y0, ny },
      );
      return isDithered(places)
        ? rowsForMedian(grid, places, grown, p.pixfrac)
        : rowsOfRepeats(places, grown);
    },
  },
  prepare: {
    rows({ size, inputs }) {
      if ((inputs?.length ?? 1) < 2) return [];
      const count = Math.min(size.ny, SAMPLES);
      return Array.from({ length: count }, (_, k) => ({ y0: Math.floor((k * size.ny) / count), ny: 1 }));
    },
    take(image, { index }): Weights {
      const step = Math.max(1, Math.floor(image.nx / SAMPLES));
      const values: number[] = [];
      for (let i = 0; i < image.nx; i += step) {
        const weight = weightOf(image, i);
        if (weight > 0) values.push(weight);
      }
      return { index: index ?? 0, values: Float32Array.from(values) };
    },
    make: (taken, { inputs }) =>
      Array.from({ length: inputs?.length ?? 1 }, (_, k) =>
        clippedMean(taken.filter(({ index }) => index === k).map(({ values }) => values)),
      ),
  },
  run(images, { params: p, inputs, prepared, alloc }) {
    if (images.length < 2) return skipped(images, "one exposure: there is nothing to compare it with");
    const { grid, places } = commonGrid(inputs!, "compare");
    const flag = (image: Image, median: Float32Array, dithered: boolean) =>
      flagOutliersOf(image, median, {
        snr: dithered ? p.snr : [p.snr[0], p.snr[0]],
        scale: dithered ? p.scale : [0, 0],
        level: p.backg,
        bad: DQ.DO_NOT_USE,
        flags: DQ.OUTLIER | DQ.DO_NOT_USE,
      });
    if (isDithered(places)) {
      const least = prepared.map((mean) => p.maskpt * mean);
      medianOnGrid(images, grid, places, { least, pixfrac: p.pixfrac }, alloc, (image, median) =>
        flag(image, median, true),
      );
    } else {
      medianOfRepeats(images, places, alloc, (image, median) => flag(image, median, false));
    }
    return complete(images);
  },
});

/** Does any exposure lie on the same sky as another, but not pixel on pixel? */
const isDithered = (places: readonly OnGrid[]): boolean =>
  places.some((a, i) => places.slice(i + 1).some((b) => overlap(a, b) && !isRepeat(a, b)));

/** The same rows of all that lie pixel on pixel. */
const rowsOfRepeats = (places: readonly OnGrid[], wanted: readonly Rows[]): Rows[] =>
  places.map((place) => {
    const rows = wanted.filter(({ ny }, k) => ny > 0 && isRepeat(place, places[k]!));
    const y0 = Math.min(...rows.map((row) => row.y0));
    return rows.length === 0
      ? { y0: 0, ny: 0 }
      : { y0, ny: Math.max(...rows.map((row) => row.y0 + row.ny)) - y0 };
  });

function clippedMean(parts: readonly Float32Array[]): number {
  const sorted = Float64Array.from(parts.flatMap((values) => [...values])).sort();
  const run = { from: 0, to: sorted.length };
  clipRun(sorted, run, {
    sigmaLow: 3,
    sigmaHigh: 3,
    iterations: Infinity,
    center: "median",
    deviation: "std",
  });
  return run.to > run.from ? meanOfRun(sorted, run) : 0;
}
