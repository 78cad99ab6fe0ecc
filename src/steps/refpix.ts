/** Removes the drifts of bias that the reference pixels around an HxRG detector show. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Ramp } from "../data/kinds.js";
import { changeZeroframes, correct, planeSize, samples, stripsOf } from "../data/ramp.js";
import type { Alloc } from "../kernels/alloc.js";
import { subtractLevels } from "../kernels/ramp/refpix.js";
import { makeDriftFilter, rowDrifts, type DriftFilter } from "../kernels/ramp/row-drifts.js";
import { rawF32 } from "../kernels/raw.js";
import { CalibrationError } from "../errors.js";
import { defineStep } from "../step/define.js";
import { complete, partial, skipped } from "../step/outcome.js";
import { borderOf, followingOf, geometryOf, isClosed, type Geometry } from "./refpix/geometry.js";
import {
  closedLevels,
  levelsAlong,
  levelSides,
  openLevels,
  takePixels,
  type Levels,
  type Taken,
} from "./refpix/levels.js";
import { kernelsOf, subtractTemplates } from "./refpix/sirs.js";

const positive = (otherwise: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), otherwise);
const natural = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);

export const refpix = defineStep({
  name: "refpix",
  summary: "Subtract the level of each channel and the drift of each row that the reference pixels show.",
  equation:
    "S' = S − ½(clipped mean of top + of bottom reference rows) by channel and column parity, " +
    "then − running median of the side reference columns",
  input: "ramp",
  output: "ramp",
  locality: "row",
  status: "S_REFPIX",
  version: 2,
  params: v.object({
    channels: v.pipe(
      natural,
      v.description("readout channels along the fast axis; 0: the keyword NOUTPUTS, else 64 columns each"),
    ),
    border: v.pipe(
      natural,
      v.description("rows and columns of reference pixels on each side; 0: what the instrument has"),
    ),
    odd_even_columns: v.pipe(
      v.optional(v.boolean(), true),
      v.description("treat odd and even columns apart"),
    ),
    use_side_ref_pixels: v.pipe(
      v.optional(v.boolean(), true),
      v.description("follow the drift along the slow axis with the columns at both sides"),
    ),
    side_smoothing_length: v.pipe(positive(11), v.description("rows in the running median at the sides")),
    side_gain: v.pipe(v.optional(v.number(), 1), v.description("factor on the drift at the sides")),
    siglimit: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 3),
      v.description("clipping of reference pixels in σ"),
    ),
    refpix_algorithm: v.pipe(
      v.optional(v.picklist(["median", "sirs"]), "median"),
      v.description(
        "how the drift is followed: running median of both sides; sides convolved with kernels of each channel (SIRS)",
      ),
    ),
    sigreject: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 4),
      v.description("sirs: rejection of side pixels in 1.48 × their median deviation"),
    ),
    gaussmooth: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 1),
      v.description("sirs: σ of the smoothing of the kernels, in rows"),
    ),
    halfwidth: v.pipe(positive(30), v.description("sirs: rows of a kernel on each side of its middle")),
  }),
  refs: {
    sirskernel: {
      type: "SIRSKERNEL",
      doc: "weights of the side columns for each channel by frequency, in ASDF; for refpix_algorithm=sirs",
      optional: true,
      whole: true,
      arrays: true,
      when: (params: Readonly<Record<string, unknown>>) =>
        params["refpix_algorithm"] === "sirs" && params["use_side_ref_pixels"] === true,
    },
  },
  halo: ({ use_side_ref_pixels, refpix_algorithm, side_smoothing_length }) =>
    use_side_ref_pixels && refpix_algorithm === "median" ? side_smoothing_length >> 1 : 0,
  skip: ({ params, exposure, refs }) => {
    const border = borderOf(params, exposure);
    if (!border) return "the frame isn't known to have reference pixels";
    if (followingOf(params, border) === "sirs" && !refs.sirskernel)
      throw new CalibrationError("refpix cannot follow the drift by SIRS: there is no SIRSKERNEL reference", {
        hint: "name one with --ref sirskernel=FILE, or follow it by medians: -s refpix.refpix_algorithm=median",
      });
    return undefined;
  },
  prepare: {
    rows({ size, params, header, exposure }) {
      const border = borderOf(params, exposure)!;
      const { turned } = geometryOf(params, border, size, header);
      const { bottom, top } = border;
      if (isClosed(border) && !turned && followingOf(params, border) !== "sirs")
        return [
          { y0: 0, ny: bottom },
          { y0: size.ny - top, ny: top },
        ];
      return stripsOf(size, exposure.readout?.times.length ?? 1);
    },
    take(piece, { params, header, exposure, alloc, size, refs }): Taken {
      const border = borderOf(params, exposure)!;
      if (!isClosed(border))
        return takePixels(piece, (_x, _y, flag) => (flag & DQ.REFERENCE_PIXEL) !== 0, alloc);
      const { turned } = geometryOf(params, border, size, header);
      const edge = (at: number, length: number): boolean => at < border.left || at >= length - border.left;
      const isSirs = followingOf(params, border) === "sirs";
      const taken = takePixels(
        piece,
        (x, y) => edge(y, size.ny) || ((turned || isSirs) && edge(x, size.nx)),
        alloc,
      );
      // once is enough
      const kernels = isSirs && piece.y0 === 0 ? kernelsOf(refs.sirskernel!, exposure, params) : null;
      return { ...taken, kernels };
    },
    make(taken, { size, params, header, exposure }): Levels {
      const border = borderOf(params, exposure)!;
      const geometry = geometryOf(params, border, size, header);
      return isClosed(border)
        ? closedLevels(taken, size, geometry, followingOf(params, border), params.sigreject)
        : openLevels(taken, size, geometry);
    },
  },
  run(ramp, { params, header, exposure, prepared, alloc }) {
    if (!prepared.found) return skipped(ramp, "no reference pixel of this window can be used");
    const border = borderOf(params, exposure)!;
    const { nx, ny } = ramp;
    const geometry = geometryOf(params, border, { nx, ny: prepared.height }, header);
    const along = new Float32Array(geometry.turned ? prepared.height : nx);
    const perGroup = prepared.channels.length / prepared.groups;
    const plane = planeSize(ramp);
    const follows = followingOf(params, border) === "median" && !geometry.turned;
    const sides = follows ? makeSides(ramp, geometry, prepared.height, alloc) : null;
    /** Levels of the columns and rows of group `g`, or of the zero frame of a ramp behind the groups. */
    const find = (g: number, frame: Float32Array | null, columns: Float32Array, rows: Float32Array): void => {
      levelsAlong(prepared.channels.subarray(g * perGroup, (g + 1) * perGroup), along, geometry.flipped);
      if (geometry.turned) {
        rows.set(along.subarray(ramp.y0, ramp.y0 + ny));
        if (prepared.drifts) columns.set(prepared.drifts.subarray(g * nx, (g + 1) * nx));
      } else {
        columns.set(along);
        if (sides && frame) followDrifts(frame, columns, sides, ramp, rows);
      }
    };
    const followSides = (frame: Float32Array, g: number): void => {
      if (!prepared.sides || !prepared.kernels) return;
      const depth = prepared.sides.length / prepared.groups;
      const own = prepared.sides.subarray(g * depth, (g + 1) * depth);
      subtractTemplates(frame, ramp, prepared.height, own, prepared.kernels, geometry);
    };
    const groups = ramp.nints * ramp.ngroups;
    const [columns, rows] = [alloc.f32((groups + 1) * nx), alloc.f32((groups + 1) * ny)];
    const columnsOf = (g: number): Float32Array => columns.subarray(g * nx, (g + 1) * nx);
    const rowsOf = (g: number): Float32Array => rows.subarray(g * ny, (g + 1) * ny);
    const sci = sides && samples(ramp, alloc);
    for (let g = 0; g < groups; g++)
      find(g, sci && sci.subarray(g * plane, (g + 1) * plane), columnsOf(g), rowsOf(g));
    correct(ramp, (part, { integration, group, from }) => {
      const g = integration * ramp.ngroups + group;
      const own = rowsOf(g).subarray(from / nx, (from + part.length) / nx);
      subtractLevels(part, columnsOf(g), own, geometry.turned);
    });
    if (prepared.kernels) {
      const frames = samples(ramp, alloc);
      for (let g = 0; g < groups; g++) followSides(frames.subarray(g * plane, (g + 1) * plane), g);
    }
    changeZeroframes(ramp, (frame, i) => {
      const [last, end] = [columnsOf(groups), rowsOf(groups)];
      find(groups + i, frame, last, end);
      subtractLevels(frame, last, end, geometry.turned);
      followSides(frame, groups + i);
    });
    const isOpen = params.refpix_algorithm === "sirs" && !isClosed(border);
    return isOpen ? partial(ramp, [noSides]) : complete(ramp);
  },
});

const noSides = {
  code: "NO_SIDES",
  message: "SIRS needs reference columns at both sides: of this window only the level is corrected",
};

interface Sides {
  border: number;
  filter: DriftFilter;
  values: Float32Array;
  bad: Uint8Array;
}

/** Room for the reference pixels at both ends of the rows, and which of them are bad. */
function makeSides(ramp: Ramp, { options }: Geometry, frame: number, alloc: Alloc): Sides {
  const { nx, ny, y0, pixeldq } = ramp;
  const { border } = options;
  const bad = new Uint8Array(2 * border * ny);
  for (let y = 0, at = 0; y < ny; y++)
    for (const x0 of [0, nx - border])
      for (let x = x0; x < x0 + border; x++) bad[at++] = pixeldq[y * nx + x]! & DQ.DO_NOT_USE;
  const filter = makeDriftFilter(options, { y0, ny, frame }, alloc);
  return { border, filter, values: rawF32(alloc, bad.length), bad };
}

function followDrifts(
  frame: Float32Array,
  columns: Float32Array,
  { border, filter, values, bad }: Sides,
  { nx, ny }: Ramp,
  rows: Float32Array,
): void {
  for (let y = 0, at = 0; y < ny; y++) {
    for (let x = y * nx; x < y * nx + border; x++) values[at++] = frame[x]!;
    for (let x = (y + 1) * nx - border; x < (y + 1) * nx; x++) values[at++] = frame[x]!;
  }
  levelSides(values, columns, border);
  rowDrifts(filter, values, bad, rows);
}
