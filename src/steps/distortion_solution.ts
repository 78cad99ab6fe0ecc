/** Measures the distortion of the camera in the image of a pinhole mask, as SIP keywords. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Keywords } from "../data/exposure.js";
import type { Reference } from "../data/kinds.js";
import { StepError, UsageError } from "../errors.js";
import { detect } from "../kernels/image/detect.js";
import { subtractStarBackground } from "../kernels/image/star-background.js";
import { fitStar } from "../kernels/image/star-fit.js";
import { TRUNCATED } from "../kernels/image/source.js";
import { defineStep } from "../step/define.js";
import { judged } from "../step/verdict.js";
import { fitDistortion, sipKeywords, type Position } from "../wcs/fit-distortion.js";
import { readWcs } from "../wcs/keywords.js";
import { bestSimilar, matchGrid, type GridMatch } from "../wcs/match-grid.js";
import { matchStars } from "../wcs/match-stars.js";
import { skyToPixel } from "../wcs/project.js";
import { percent } from "./fitness.js";

/** Pixels rms that a solution must reach to be fit for use. */
const GOAL = 0.1;
/** Part of the frame, in width and height, that the positions must reach over: a polynomial isn't to be trusted beyond. */
const COVERED = 0.7;
/** Boxes of the background under stars, and half the window of a star, where no pitch says how far they are apart. */
const STAR_BOX = 64;
const STAR_HALF = 10;

export const distortionSolution = defineStep({
  name: "distortion_solution",
  summary:
    "Fit the distortion of the camera to the image of a pinhole mask, or of stars whose places are known.",
  equation:
    "ideal − measured = Σ c_ij·(x − x0)^i·(y − y0)^j, i + j ≤ order, 3 σ clipped;  A, B: measured → ideal;  AP, BP: back",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_DISTOR",
  refs: {
    catalog: {
      type: "ASTROMCAT",
      doc: "places of stars for a star field: a table (FITS, CSV, ECSV) with RA and DEC in degrees",
      optional: true,
      whole: true,
      table: true,
    },
  },
  params: v.object({
    pitch: v.pipe(
      v.optional(v.nullable(v.pipe(v.number(), v.gtValue(2))), null),
      v.description("distance of neighbouring holes in pixels, to some 10 %; null: it is a star field"),
    ),
    reach: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(1)), 20),
      v.description("pixels by which stars may be off their places, by pointing and distortion together"),
    ),
    angle: v.pipe(v.optional(v.number(), 0), v.description("of the rows of holes from x, degrees")),
    order: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9)), 4),
      v.description("highest power of the polynomial"),
    ),
    nsigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 10),
      v.description("threshold of a spot, in units of the background's scatter"),
    ),
  }),
  skip({ params: { pitch }, refs: { catalog } }) {
    if (pitch !== null || catalog !== null) return undefined;
    throw new UsageError(
      "distortion_solution: neither the pitch of a pinhole mask nor a catalogue of stars was given",
      {
        hint: "-s distortion_solution.pitch=32 for a mask, --ref catalog=STARS.fits for a star field",
      },
    );
  },
  run(image, { params: p, refs: { catalog }, alloc, exposure, header }) {
    const { nx, ny, sci, dq } = image;
    const bad = alloc.u8(nx * ny);
    for (let i = 0; i < nx * ny; i++) bad[i] = dq[i]! & DQ.DO_NOT_USE || sci[i]! - sci[i]! !== 0 ? 1 : 0;
    const flat = alloc.f32(nx * ny);
    const background = subtractStarBackground(
      flat,
      sci,
      bad,
      nx,
      ny,
      p.pitch === null ? STAR_BOX : Math.max(16, Math.ceil(2 * p.pitch)),
      3,
    );
    const frame = { nx, ny, sci: flat, bad };
    const policy = { minarea: 5, levels: 32, contrast: 0.005, clean: 1 };
    const sources = background ? detect(frame, { ...policy, threshold: p.nsigma * background.rms }) : [];
    const spots = sources.flatMap(({ x, y, a, b, flags }): Position[] => {
      const sigma = Math.max(0.7, Math.sqrt(a * b));
      const half = Math.min(Math.ceil(4 * sigma), p.pitch === null ? STAR_HALF : Math.floor(p.pitch / 2));
      const fit = flags & TRUNCATED ? null : fitStar(frame, x, y, half, sigma);
      return fit ? [[fit.x, fit.y]] : [];
    });
    const middle: Position = [(nx - 1) / 2, (ny - 1) / 2];
    // SIP counts from the reference pixel of the coordinates.
    const reference = (keyword: string, fallback: number): number =>
      typeof header[keyword] === "number" ? header[keyword] - 1 : fallback;
    const origin: Position = [reference("CRPIX1", middle[0]), reference("CRPIX2", middle[1])];
    const match =
      p.pitch === null
        ? starField(spots, catalog!, header, { nx, ny, reach: p.reach, order: p.order, origin })
        : matchGrid(spots, middle, p.pitch, (p.angle * Math.PI) / 180);
    const terms = ((p.order + 1) * (p.order + 2)) / 2;
    if (match.measured.length < 2 * terms)
      throw new StepError(
        `distortion_solution: on an exposure of ${exposure.detector} — ${String(match.measured.length)} of ${String(spots.length)} spots ${p.pitch === null ? "are stars of the catalogue" : "lie on the grid"}, order ${String(p.order)} needs ${String(2 * terms)}`,
        {
          hint: `check ${p.pitch === null ? "the coordinates, reach" : "pitch and angle"}: iris step describe distortion_solution`,
        },
      );
    const forward = fitDistortion(match.measured, match.ideal, { order: p.order, origin });
    const inverse = fitDistortion(match.ideal, match.measured, { order: p.order, origin });
    const rms = Math.hypot(...forward.rms) / Math.SQRT2;
    const keywords = {
      CRPIX1: origin[0] + 1,
      CRPIX2: origin[1] + 1,
      ...sipKeywords(forward, inverse),
      NSPOTS: forward.used,
      DISTRMS: rms,
      [p.pitch === null ? "CATSCALE" : "GRIDPIX"]: match.pitch,
      GRIDANG: (match.angle * 180) / Math.PI,
    };
    const covered = coverageOf(match.measured, nx, ny);
    const against = [
      ...(rms <= GOAL ? [] : [`residuals of ${rms.toFixed(3)} pixels rms; ${String(GOAL)} is the goal`]),
      ...(covered >= COVERED
        ? []
        : [`the positions reach over ${percent(covered)} of the frame; ${percent(COVERED)} is wanted`]),
    ];
    const found = `${String(forward.used)} positions, residuals of ${rms.toFixed(3)} pixels rms`;
    return judged(image, { against, found, keywords });
  },
});

/** Spots and where the catalogue has them by the header's coordinates, moved, turned and scaled onto the spots. */
function starField(
  spots: readonly Position[],
  catalog: Reference,
  header: Keywords,
  {
    nx,
    ny,
    reach,
    order,
    origin,
  }: { nx: number; ny: number; reach: number; order: number; origin: Position },
): GridMatch {
  const wcs = readWcs(header);
  if ("none" in wcs)
    throw new StepError(`distortion_solution: on a star field — ${wcs.none}`, {
      hint: "give it coordinates first: iris step run assign_wcs FILE",
    });
  const [ra, dec] = [catalog.table?.get("ra"), catalog.table?.get("dec")];
  if (!(ra instanceof Float64Array) || !(dec instanceof Float64Array))
    throw new StepError(`distortion_solution: on ${catalog.name} — it has no columns RA and DEC of numbers`, {
      hint: `see its columns: iris fits info ${catalog.name}`,
    });
  const linear = { ...wcs, sip: null };
  const places = Array.from(ra, (a, k): Position => skyToPixel(linear, a, dec[k]!)).filter(
    ([x, y]) => x > -reach && y > -reach && x < nx + reach && y < ny + reach,
  );
  const { measured, predicted } = matchStars(spots, places, reach, { order, origin });
  return bestSimilar(measured, predicted);
}

/** The smaller of the parts of width and height that the positions reach over. */
function coverageOf(places: readonly Position[], nx: number, ny: number): number {
  const reachOf = (axis: 0 | 1): number =>
    Math.max(...places.map((place) => place[axis])) - Math.min(...places.map((place) => place[axis]));
  return Math.min(reachOf(0) / nx, reachOf(1) / ny);
}
