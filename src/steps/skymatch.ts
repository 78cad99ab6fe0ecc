/** Brings the sky of exposures of one field to one level, by the differences where they overlap. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { solveLevels, type LevelPair } from "../kernels/image/levels.js";
import { clipRun, medianOfRun } from "../kernels/image/sigma-clip.js";
import { defineStep } from "../step/define.js";
import { complete, partial, skipped } from "../step/outcome.js";
import type { GridInput } from "../step/regrid.js";
import { pixelToSky, rowsUnder, skyToPixel } from "../wcs/index.js";
import { commonGrid, type OnGrid } from "./common-grid.js";

/** Places per exposure at which exposures are compared. */
const SAMPLES = 16_384;
/** Fewer places that two exposures share tell nothing. */
const ENOUGH = 50;
/** Rows looked at together. */
const PIECE = 128;

/** Values of an exposure's pixels under the places of the common grid, on the rectangle that it covers. */
interface Samples {
  index: number;
  /** First place and number of places along x and y; every `step` pixels of the grid. */
  i0: number;
  j0: number;
  ni: number;
  nj: number;
  values: Float32Array;
}

interface Levels {
  levels: number[];
  /** Pairs of exposures that were compared. */
  pairs: number;
}

export const skymatch = defineStep({
  name: "skymatch",
  summary: "Bring the sky of overlapping exposures to one level.",
  equation:
    "d' = d − L_k;  L: least squares of L_a − L_b = clipped median of d_a − d_b over all overlapping pairs, Σ L = 0 in each connected set",
  input: "image",
  output: "image",
  locality: "joint",
  status: "S_SKYMTC",
  params: v.object({
    sigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 3),
      v.description("differences farther from their median, in units of 1.4826 × MAD, are left out"),
    ),
  }),
  members: {
    repeat: { doc: "the other exposures of the field, when the step is run alone", optional: true },
  },
  joint: { margin: 0, rows: (_, wanted) => wanted },
  prepare: {
    rows({ size: { ny }, inputs }) {
      if ((inputs?.length ?? 1) < 2) return [];
      return Array.from({ length: Math.ceil(ny / PIECE) }, (_, k) => ({
        y0: k * PIECE,
        ny: Math.min(PIECE, ny - k * PIECE),
      }));
    },
    take: (image, { inputs, index }) => sample(image, inputs!, index!),
    make: (taken, { inputs, params }): Levels => match(taken, inputs?.length ?? 1, params.sigma),
  },
  run(images, { prepared: { levels, pairs } }) {
    if (images.length < 2) return skipped(images, "one exposure: there is nothing to match it with");
    if (pairs === 0)
      return partial(images, [
        { code: "NO_OVERLAP", message: "no two exposures overlap: their skies stay as they are" },
      ]);
    images.forEach(({ sci }, k) => {
      const level = levels[k]!;
      for (let i = 0; i < sci.length; i++) sci[i]! -= level;
    });
    const written = levels.slice(0, 99).map((level, k): [string, number] => [`SKYMTC${k + 1}`, level]);
    return complete(images, Object.fromEntries(written));
  },
});

const stepOf = (places: readonly OnGrid[]): number =>
  Math.max(1, Math.floor(Math.sqrt(Math.min(...places.map(({ nx, ny }) => nx * ny)) / SAMPLES)));

/** The pixels of some rows of an exposure that lie nearest to the places. */
function sample(image: Image, inputs: readonly GridInput[], index: number): Samples {
  const { grid, places } = commonGrid(inputs, "match");
  const place = places[index]!;
  const step = stepOf(places);
  const rows = rowsUnder(place, image, grid.wcs, 1);
  const [j0, j1] = [
    Math.ceil(Math.max(place.y0, rows.y0) / step),
    Math.ceil(Math.min(place.y1, rows.y0 + rows.ny) / step),
  ];
  const [i0, i1] = [Math.ceil(place.x0 / step), Math.ceil(place.x1 / step)];
  const [ni, nj] = [Math.max(0, i1 - i0), Math.max(0, j1 - j0)];
  const values = new Float32Array(ni * nj).fill(NaN);
  for (let j = 0, at = 0; j < nj; j++)
    for (let i = 0; i < ni; i++, at++) {
      const [x, y] = skyToPixel(place.wcs, ...pixelToSky(grid.wcs, (i0 + i) * step, (j0 + j) * step));
      const [u, w] = [Math.round(x), Math.round(y) - image.y0];
      if (u < 0 || w < 0 || u >= image.nx || w >= image.ny) continue;
      const p = w * image.nx + u;
      if (!(image.dq[p]! & DQ.DO_NOT_USE)) values[at] = image.sci[p]!;
    }
  return { index, i0, j0, ni, nj, values };
}

/** Clipped medians of the differences of all pairs, and the levels that fit them. */
function match(taken: readonly Samples[], n: number, sigma: number): Levels {
  if (n < 2) return { levels: [0], pairs: 0 };
  const whole = Array.from({ length: n }, (_, k) => joined(taken.filter(({ index }) => index === k)));
  const pairs: LevelPair[] = [];
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) {
      const differences = differencesOf(whole[a]!, whole[b]!);
      if (differences.length < ENOUGH) continue;
      const run = { from: 0, to: differences.length };
      clipRun(differences, run, {
        sigmaLow: sigma,
        sigmaHigh: sigma,
        iterations: Infinity,
        center: "median",
        deviation: "madstd",
      });
      pairs.push({ a, b, difference: medianOfRun(differences, run), weight: run.to - run.from });
    }
  return { levels: [...solveLevels(n, pairs)], pairs: pairs.length };
}

/** The pieces of one exposure; where they touch, one of them has the value. */
function joined(pieces: readonly Samples[]): Samples {
  const j0 = Math.min(...pieces.map((piece) => piece.j0));
  const nj = Math.max(...pieces.map((piece) => piece.j0 + piece.nj)) - j0;
  const { index, i0, ni } = pieces[0]!;
  const values = new Float32Array(ni * nj).fill(NaN);
  for (const piece of pieces)
    for (let at = 0; at < piece.values.length; at++) {
      const value = piece.values[at]!;
      if (value === value) values[(piece.j0 - j0) * ni + at] = value;
    }
  return { index, i0, j0, ni, nj, values };
}

/** a − b at the places that both have, ascending. */
function differencesOf(a: Samples, b: Samples): Float64Array {
  const [i0, i1] = [Math.max(a.i0, b.i0), Math.min(a.i0 + a.ni, b.i0 + b.ni)];
  const [j0, j1] = [Math.max(a.j0, b.j0), Math.min(a.j0 + a.nj, b.j0 + b.nj)];
  const differences = new Float64Array(Math.max(0, i1 - i0) * Math.max(0, j1 - j0));
  let n = 0;
  for (let j = j0; j < j1; j++)
    for (let i = i0; i < i1; i++) {
      const difference = a.values[(j - a.j0) * a.ni + i - a.i0]! - b.values[(j - b.j0) * b.ni + i - b.i0]!;
      if (difference - difference === 0) differences[n++] = difference;
    }
  return differences.subarray(0, n).sort();
}
