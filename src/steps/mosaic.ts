/** Puts exposures together, each moved by whole pixels. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { InputError, StepError } from "../errors.js";
import { mosaic as combineTiles } from "../kernels/image/mosaic.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";
import type { GridInput } from "../step/regrid.js";
import { footprint, formatRegion, pixelToSky, readWcs, skyToPixel, wcsKeywordsOf } from "../wcs/index.js";

const sigma = v.optional(v.pipe(v.number(), v.gtValue(0)), 3);

const params = v.object({
  offsets: v.pipe(
    v.optional(v.picklist(["wcs", "keywords"]), "wcs"),
    v.description(
      "where the exposures lie: by their sky coordinates, or XOFFSET and YOFFSET in arcseconds (pixels without SCALE)",
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
  flags: ["DO_NOT_USE"],
  params,
  regrid: {
    plan(inputs, p) {
      const places = placesOf(inputs, p);
      const [x0, y0] = originOf(places);
      const nx = Math.max(...inputs.map((input, k) => places[k]!.x - x0 + input.nx));
      const ny = Math.max(...inputs.map((input, k) => places[k]!.y - y0 + input.ny));
      const wcs = readWcs(inputs[0]!.header);
      if ("none" in wcs) return { nx, ny, keywords: {}, weighted: true };
      const crpix = [wcs.crpix[0] - x0, wcs.crpix[1] - y0] as const;
      const moved = { ...wcs, crpix, sip: null };
      return {
        nx,
        ny,
        keywords: { ...wcsKeywordsOf(moved), S_REGION: formatRegion(footprint(moved, nx, ny)) },
        weighted: true,
      };
    },
    rows({ inputs, y0, ny }, k, p) {
      const places = placesOf(inputs, p);
      return { y0: y0 - (places[k]!.y - originOf(places)[1]), ny };
    },
  },
  run(images, { params: p, onto, alloc }) {
    const { grid, inputs, y0, ny } = onto!;
    const places = placesOf(inputs, p);
    const [left, low] = originOf(places);
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
        x: places[k]!.x - left,
        y: places[k]!.y - low + image.y0 - y0,
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
    const message = `exposures lie up to ${worst.toFixed(2)} pixels off the grid of the first; resample follows them`;
    return partial(product, [{ code: "OFF_GRID", message }], keywords);
  },
});

interface Place {
  x: number;
  y: number;
  /** What rounding to whole pixels left out, at the corner where it is largest. */
  off: number;
}

const originOf = (places: readonly Place[]): [number, number] => [
  Math.min(...places.map(({ x }) => x)),
  Math.min(...places.map(({ y }) => y)),
];

/** Pixel of the first exposure's grid on which each exposure's first pixel lies. */
function placesOf(inputs: readonly GridInput[], p: Params): Place[] {
  return p.offsets === "wcs"
    ? placesOnSky(inputs)
    : inputs.map((input) => placeByKeywords(input, inputs[0]!));
}

function placesOnSky(inputs: readonly GridInput[]): Place[] {
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
  const grid = frames[0]!.wcs;
  return frames.map(({ wcs, nx, ny }) => {
    const shiftAt = (x: number, y: number): [number, number] => {
      const [u, w] = skyToPixel(grid, ...pixelToSky(wcs, x, y));
      return [u - x, w - y];
    };
    const [dx, dy] = shiftAt((nx - 1) / 2, (ny - 1) / 2);
    const [x, y] = [Math.round(dx), Math.round(dy)];
    const corners = [
      shiftAt(0, 0),
      shiftAt(nx - 1, 0),
      shiftAt(0, ny - 1),
      shiftAt(nx - 1, ny - 1),
      [dx, dy],
    ];
    return { x, y, off: Math.max(...corners.map(([u, w]) => Math.hypot(u! - x, w! - y))) };
  });
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
  const [x, y] = [Math.round(dx!), Math.round(dy!)];
  return { x, y, off: Math.hypot(dx! - x, dy! - y) };
}
