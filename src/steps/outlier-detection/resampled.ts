/** The median of dithered exposures, each resampled alone onto the common grid, and brought back to each of them. */
import type { Image } from "../../data/kinds.js";
import type { Alloc } from "../../kernels/alloc.js";
import { drizzle } from "../../kernels/image/drizzle.js";
import { blot, medianOfLayers, type Layer } from "../../kernels/image/layers.js";
import type { Rows } from "../../step/joint.js";
import { pixelMap, rowsUnder, scaleOf, type SkyGrid, type Wcs } from "../../wcs/index.js";
import { isBrightness, type OnGrid } from "../common-grid.js";
import { weightOf } from "./weight.js";

/** Pixels of the grid about a place that its value is interpolated from, and one for the bent edges of rows. */
const KERNEL = 3;
/** Pixels of an exposure that a drop of the grid's size reaches, and one more for its corners. */
const REACH = 3;

/** Rows of the grid under all the wanted rows, and of each exposure those under these. */
export function rowsForMedian(
  grid: SkyGrid,
  places: readonly OnGrid[],
  wanted: readonly Rows[],
  pixfrac: number,
): Rows[] {
  const under = places.map((place, k) => {
    const { y0, ny } = wanted[k]!;
    const [low, high] = [Math.max(0, y0), Math.min(place.ny, y0 + ny)];
    if (low >= high) return null;
    return { place, ...rowsUnder(place, { y0: low, ny: high - low }, grid.wcs, KERNEL) };
  });
  return places.map((place, k) => {
    const { y0, ny } = wanted[k]!;
    const beside = under.filter(
      (rows) => rows !== null && rows.place.x0 < place.x1 && place.x0 < rows.place.x1,
    );
    if (beside.length === 0) return { y0, ny: Math.max(0, ny) };
    const first = Math.min(...beside.map((rows) => rows!.y0));
    const end = Math.max(...beside.map((rows) => rows!.y0 + rows!.ny));
    const here = rowsUnder(grid, { y0: first, ny: end - first }, place.wcs, REACH + pixfrac);
    const low = ny > 0 ? Math.min(here.y0, y0) : here.y0;
    const high = Math.max(here.y0 + here.ny, ny > 0 ? y0 + ny : -Infinity);
    return high > low ? { y0: low, ny: high - low } : { y0: 0, ny: 0 };
  });
}

/** `use` gets every image and the median on its pixels; NaN where there is none. */
export function medianOnGrid(
  images: readonly Image[],
  grid: SkyGrid,
  places: readonly OnGrid[],
  { least, pixfrac }: { least: readonly number[]; pixfrac: number },
  alloc: Alloc,
  use: (image: Image, median: Float32Array) => void,
): void {
  const parts = images
    .map((image, k) => ({ image, place: places[k]!, least: least[k]! }))
    .filter(({ image }) => image.ny > 0);
  const rows = parts.map(({ image, place }) => rowsUnder(place, image, grid.wcs, 1));
  const y0 = Math.max(0, Math.min(...rows.map((row) => row.y0)));
  const ny = Math.min(grid.ny, Math.max(...rows.map((row) => row.y0 + row.ny))) - y0;
  const most = Math.max(...parts.map(({ image }) => image.nx * image.ny));
  const widest = Math.max(...parts.map(({ place }) => place.x1 - place.x0));
  const [x, y] = [alloc.f64(most), alloc.f64(most)];
  const weight = alloc.f32(most);
  const unused = { variance: alloc.f32(widest * ny), dq: alloc.u32(widest * ny) };

  const layers = parts.map(({ image, place, least: limit }): Layer => {
    const { x0, x1 } = place;
    const out = {
      nx: x1 - x0,
      ny,
      y0,
      sci: alloc.f32((x1 - x0) * ny),
      weight: alloc.f32((x1 - x0) * ny),
      context: null,
      ...unused,
    };
    for (let i = 0; i < image.sci.length; i++) weight[i] = weightOf(image, i);
    pixelMap(x, y, place.wcs, movedBy(grid.wcs, x0), image.nx, image);
    const ratio = scaleOf(grid.wcs) / scaleOf(place.wcs);
    // A pixel's weight is shared by the pixels of the grid under it.
    drizzle(
      out,
      { ...image, variance: weight, weight, x, y },
      { kernel: "square", pixfrac, iscale: gainOf(image, ratio), scaleRatio: ratio, index: 0 },
    );
    return { x0, x1, sci: out.sci, weight: out.weight, least: limit * ratio * ratio };
  });
  const median = { nx: grid.nx, ny, y0, sci: alloc.f32(grid.nx * ny) };
  medianOfLayers(median.sci, grid.nx, ny, layers);

  const clean = alloc.f32(most);
  for (const { image, place } of parts) {
    pixelMap(x, y, place.wcs, grid.wcs, image.nx, image);
    const back = clean.subarray(0, image.nx * image.ny);
    blot(back, median, x, y, 1 / gainOf(image, scaleOf(grid.wcs) / scaleOf(place.wcs)));
    use(image, back);
  }
}

const movedBy = (wcs: Wcs, x0: number): Wcs => ({ ...wcs, crpix: [wcs.crpix[0] - x0, wcs.crpix[1]] });

const gainOf = ({ unit }: Image, ratio: number): number => (isBrightness(unit) ? 1 : ratio * ratio);
