/** Puts exposures together, each moved by whole pixels. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { InputError, StepError } from "../errors.js";
import { mosaic as combineTiles } from "../kernels/image/mosaic.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";
import type { GridInput, GridRef, Place } from "../step/regrid.js";
import { footprint, formatRegion, readWcs, sipCards, wcsKeywordsOf, type Wcs } from "../wcs/index.js";
import { farthestOff, sharedGrid, shiftOn } from "./whole-pixels.js";

const sigma = v.optional(v.pipe(v.number(), v.gtValue(0)), 3);

const params = v.object({
  offsets: v.pipe(
    v.optional(v.picklist(["wcs", "keywords", "file"]), "wcs"),
    v.description(
      "where the exposures lie: by their sky coordinates, by XOFFSET and YOFFSET in arcseconds (pixels without SCALE), or by the table --ref offsets=FILE",
    ),
  ),
  method: v.pipe(v.optional(v.picklist(["mean", "median"]), "mean"), v.description("of what overlaps")),
  clip: v.pipe(v.optional(v.boolean(), true), v.description("reject outliers where three or more overlap")),
  sigma: v.pipe(sigma, v.description("deviations from the median of an outlier")),
  devfunc: v.pipe(
    v.optional(v.picklist(["madstd", "std"]), "madstd"),
    v.description("madstd: 1.4826 × median absolute deviation; std: standard deviation"),
  ),
  error: v.pipe(
    v.optional(v.picklist(["propagate", "scatter"]), "propagate"),
    v.description("propagate: √Σe²/n; scatter: std/√n of the values kept"),
  ),
});

type Params = v.InferOutput<typeof params>;

/** Pixels by which an exposure may lie off the grid before that is said. */
const OFF_GRID = 0.1;

export const mosaic = defineStep({
  name: "mosaic",
  summary: "Put exposures together, moved by whole pixels, and combine where they overlap.",
  equation:
    "d' = mean or median of d within M ± sigma·s, one pass where n ≥ 3;  e' = √Σe²/n or std/√n;  WHT = n",
  input: "image",
  output: "image",
  locality: "group",
  status: "S_MOSAIC",
  version: 2,
  flags: ["DO_NOT_USE"],
  refs: {
    offsets: {
      type: "OFFSETS",
      doc: "pixels by which each exposure lies from the others: columns name, dx, dy (text, JSON or FITS)",
      byName: true,
      whole: true,
      table: true,
      when: (given: Readonly<Record<string, unknown>>) => given["offsets"] === "file",
    },
  },
  params,
  regrid: {
    plan(inputs, p, refs) {
      const { grid, places } = placesOf(inputs, p, refs);
      const [x0, y0] = [Math.min(...places.map(({ x }) => x)), Math.min(...places.map(({ y }) => y))];
      const onGrid = places.map(({ x, y, off }) => ({ x: x - x0, y: y - y0, off }));
      const nx = Math.max(...inputs.map((input, k) => onGrid[k]!.x + input.nx));
      const ny = Math.max(...inputs.map((input, k) => onGrid[k]!.y + input.ny));
      const common = { nx, ny, places: onGrid, weighted: true };
      if (!grid) return { ...common, keywords: {} };
      const wcs = { ...grid, crpix: [grid.crpix[0] - x0, grid.crpix[1] - y0] as const };
      const keywords = {
        ...wcsKeywordsOf(wcs),
        // About the reference pixel, which moves with it, a distortion stays what it is.
        ...(wcs.sip && sipCards(inputs[0]!.header)),
        S_REGION: formatRegion(footprint(wcs, nx, ny)),
      };
      return { ...common, keywords };
    },
    rows: ({ grid, y0, ny }, k) => ({ y0: y0 - grid.places![k]!.y, ny }),
  },
  run(images, { params: p, onto, alloc }) {
    const { grid, inputs, y0, ny } = onto!;
    const places = grid.places!;
    const first = images[0]!;
    for (const { unit, nz } of images)
      if (unit !== first.unit || nz !== 1)
        throw new StepError(
          `mosaic: on ${String(images.length)} exposures — one is in ${unit || "no unit"} with ${String(nz)} planes, the first in ${first.unit || "no unit"}`,
          { hint: "put images of one unit together: iris fits info FILES" },
        );
    const n = grid.nx * ny;
    const out = {
      nx: grid.nx,
      ny,
      sci: alloc.f32(n),
      err: alloc.f32(n),
      dq: alloc.u32(n),
      count: alloc.f32(n),
    };
    combineTiles(
      out,
      images.map((image, k) => ({
        ...image,
        x: places[k]!.x,
        y: places[k]!.y + image.y0 - y0,
      })),
      {
        method: p.method,
        error: p.error,
        clip: p.clip
          ? { sigmaLow: p.sigma, sigmaHigh: p.sigma, iterations: 1, center: "median", deviation: p.devfunc }
          : null,
        bad: DQ.DO_NOT_USE,
        empty: DQ.DO_NOT_USE,
      },
    );
    const product: Image = {
      ...first,
      ...out,
      y0,
      nz: 1,
      weight: out.count,
      varPoisson: null,
      varRnoise: null,
    };
    const keywords = {
      ...grid.keywords,
      NCOMBINE: images.length,
      TEXPTIME: inputs.reduce((sum, { exposure }) => sum + exposure.exptime, 0),
    };
    const worst = Math.max(...places.map(({ off }) => off));
    if (worst <= OFF_GRID) return complete(product, keywords);
    const message = `exposures lie up to ${worst.toFixed(2)} pixels off the grid of the first, be it turned or distorted; resample follows them: iris reduce FILES --pipeline image3`;
    return partial(product, [{ code: "OFF_GRID", message }], keywords);
  },
});

/** Where each exposure's first pixel lies from that of the first exposure. */
function placesOf(
  inputs: readonly GridInput[],
  p: Params,
  { offsets }: Readonly<Record<string, GridRef | null>>,
): { grid: Wcs | null; places: Place[] } {
  if (p.offsets === "wcs") return placesOnSky(inputs);
  const wcs = readWcs(inputs[0]!.header);
  const places =
    p.offsets === "file"
      ? placesByFile(inputs, offsets!)
      : inputs.map((input) => placeByKeywords(input, inputs[0]!));
  return { grid: "none" in wcs ? null : wcs, places };
}

function placesOnSky(inputs: readonly GridInput[]): { grid: Wcs; places: Place[] } {
  const frames = inputs.map(({ header, exposure, nx, ny }) => {
    const wcs = readWcs(header);
    if ("none" in wcs)
      throw new InputError(
        `cannot place an exposure of ${exposure.detector || "unknown detector"} — ${wcs.none}`,
        {
          hint: "place it by XOFFSET and YOFFSET: -s mosaic.offsets=keywords",
        },
      );
    return { wcs, nx, ny };
  });
  const grid = sharedGrid(frames);
  const places = frames.map((frame, k) => {
    const shift = shiftOn(grid, frame);
    const off = farthestOff(grid, frame, shift);
    if (!Number.isFinite(off))
      throw new InputError(
        `cannot place ${inputs[k]!.name} — it lies on the other side of the sky than ${inputs[0]!.name}`,
        { hint: `see its coordinates: iris fits header ${inputs[k]!.name}` },
      );
    return { ...shift, off };
  });
  return { grid, places };
}

/** Offsets in pixels, rounded to whole ones. */
function rounded(dx: number, dy: number): Place {
  const [x, y] = [Math.round(dx), Math.round(dy)];
  return { x, y, off: Math.hypot(dx - x, dy - y) };
}

function placeByKeywords({ header, exposure }: GridInput, first: GridInput): Place {
  const scale = typeof first.header["SCALE"] === "number" ? first.header["SCALE"] : 1;
  const [dx, dy] = ["XOFFSET", "YOFFSET"].map((keyword) => {
    const [here, there] = [header[keyword], first.header[keyword]];
    if (typeof here !== "number" || typeof there !== "number")
      throw new InputError(
        `cannot place an exposure of ${exposure.detector || "unknown detector"} — no ${keyword}`,
        {
          hint: "place it by its coordinates: -s mosaic.offsets=wcs",
        },
      );
    return (here - there) / scale;
  });
  return rounded(dx!, dy!);
}

/** By the columns name, dx and dy of a table; a name may stand there with or without its ending. */
function placesByFile(inputs: readonly GridInput[], { name: file, table }: GridRef): Place[] {
  const [names, xs, ys] = ["name", "dx", "dy"].map((column) => table!.get(column));
  const stem = (name: string): string => name.replace(/\.fits(\.\w+)?$/i, "");
  if (!names || !(xs instanceof Float64Array) || !(ys instanceof Float64Array))
    throw new InputError(`cannot place exposures by ${file} — it has no columns name, dx and dy`, {
      hint: "its first line is: name dx dy; see: iris step describe mosaic",
    });
  const row = (name: string): number => {
    const at = Array.from(names, String).findIndex((each) => stem(each) === stem(name));
    if (at < 0 || !Number.isFinite(xs[at]! + ys[at]!))
      throw new InputError(`cannot place ${name} by ${file} — it has no offset there`, {
        hint: "name every exposure, or place them by their coordinates: -s mosaic.offsets=wcs",
      });
    return at;
  };
  const first = row(inputs[0]!.name);
  return inputs.map(({ name }) => rounded(xs[row(name)]! - xs[first]!, ys[row(name)]! - ys[first]!));
}
