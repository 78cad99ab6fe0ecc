/** Measures the distortion of the camera in the image of a pinhole mask, as SIP keywords. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { StepError } from "../errors.js";
import { detect } from "../kernels/image/detect.js";
import { subtractStarBackground } from "../kernels/image/star-background.js";
import { fitStar } from "../kernels/image/star-fit.js";
import { TRUNCATED } from "../kernels/image/source.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";
import { fitDistortion, sipKeywords, type Position } from "../wcs/fit-distortion.js";
import { matchGrid } from "../wcs/match-grid.js";

/** Pixels rms that a solution must reach to be fit for use. */
const GOAL = 0.1;

export const distortionSolution = defineStep({
  name: "distortion_solution",
  summary: "Fit the distortion of the camera to the image of a regular pinhole mask.",
  equation:
    "ideal − measured = Σ c_ij·(x − x0)^i·(y − y0)^j, i + j ≤ order, 3 σ clipped;  A, B: measured → ideal;  AP, BP: back",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_DISTOR",
  params: v.object({
    pitch: v.pipe(
      v.pipe(v.number(), v.gtValue(2)),
      v.description("distance of neighbouring holes in pixels, to some 10 %"),
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
  run(image, { params: p, alloc, exposure, header }) {
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
      Math.max(16, Math.ceil(2 * p.pitch)),
      3,
    );
    const frame = { nx, ny, sci: flat, bad };
    const policy = { minarea: 5, levels: 32, contrast: 0.005, clean: 1 };
    const found = background ? detect(frame, { ...policy, threshold: p.nsigma * background.rms }) : [];
    const spots = found.flatMap(({ x, y, a, b, flags }): Position[] => {
      const sigma = Math.max(0.7, Math.sqrt(a * b));
      const half = Math.min(Math.ceil(4 * sigma), Math.floor(p.pitch / 2));
      const fit = flags & TRUNCATED ? null : fitStar(frame, x, y, half, sigma);
      return fit ? [[fit.x, fit.y]] : [];
    });
    const middle: Position = [(nx - 1) / 2, (ny - 1) / 2];
    const match = matchGrid(spots, middle, p.pitch, (p.angle * Math.PI) / 180);
    const terms = ((p.order + 1) * (p.order + 2)) / 2;
    if (match.measured.length < 2 * terms)
      throw new StepError(
        `distortion_solution: on an exposure of ${exposure.detector} — ${String(match.measured.length)} of ${String(spots.length)} spots lie on the grid, order ${String(p.order)} needs ${String(2 * terms)}`,
        { hint: "check pitch and angle: iris step describe distortion_solution" },
      );
    // SIP counts from the reference pixel of the coordinates.
    const reference = (keyword: string, fallback: number): number =>
      typeof header[keyword] === "number" ? header[keyword] - 1 : fallback;
    const origin: Position = [reference("CRPIX1", middle[0]), reference("CRPIX2", middle[1])];
    const forward = fitDistortion(match.measured, match.ideal, { order: p.order, origin });
    const inverse = fitDistortion(match.ideal, match.measured, { order: p.order, origin });
    const rms = Math.hypot(...forward.rms) / Math.SQRT2;
    const keywords = {
      CRPIX1: origin[0] + 1,
      CRPIX2: origin[1] + 1,
      ...sipKeywords(forward, inverse),
      NSPOTS: forward.used,
      DISTRMS: rms,
      GRIDPIX: match.pitch,
      GRIDANG: (match.angle * 180) / Math.PI,
    };
    if (rms <= GOAL) return complete(image, keywords);
    const message = `residuals of ${rms.toFixed(3)} pixels rms; ${String(GOAL)} is the goal`;
    return partial(image, [{ code: "POOR_DISTORTION", message }], keywords);
  },
});
