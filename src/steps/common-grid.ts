/** The sky that several exposures share: one grid under all of them, and where each lies on it. */
import { InputError } from "../errors.js";
import type { GridInput } from "../step/regrid.js";
import { coveringGrid, footprint, readWcs, skyToPixel, type SkyGrid, type Wcs } from "../wcs/index.js";

/** `what` is to be done with it, for the sentence. @throws InputError for an exposure without sky coordinates. */
export function wcsOf({ header, exposure }: Pick<GridInput, "header" | "exposure">, what: string): Wcs {
  const wcs = readWcs(header);
  if ("none" in wcs)
    throw new InputError(
      `cannot ${what} an exposure of ${exposure.detector || "unknown detector"} — ${wcs.none}`,
      { hint: "exposures need sky coordinates: iris fits header FILE" },
    );
  return wcs;
}

export interface OnGrid {
  wcs: Wcs;
  /** The exposure's own size. */
  nx: number;
  ny: number;
  /** Columns and rows of the grid that it covers. */
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  /** Its corners on the grid. */
  corners: readonly (readonly [number, number])[];
}

/**
 * A grid with the pixels and the orientation of one of the exposures, over all of them. Which one doesn't depend on the
 * order in which they are given, so that every order gives the same pixels.
 */
export function commonGrid(inputs: readonly GridInput[], what: string): { grid: SkyGrid; places: OnGrid[] } {
  const frames = inputs.map((input) => ({ wcs: wcsOf(input, what), nx: input.nx, ny: input.ny }));
  const key = ({ wcs }: { wcs: Wcs }): string => JSON.stringify([wcs.crval, wcs.cd, wcs.crpix]);
  const ordered = [...frames].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const wish = { ratio: 1, scale: null, rotation: null, shape: null, crpix: null, crval: null };
  const grid = coveringGrid(ordered, wish);
  const places = frames.map(({ wcs, nx, ny }) => {
    const corners = footprint(wcs, nx, ny).map(([ra, dec]) => skyToPixel(grid.wcs, ra, dec));
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    // A straight edge on the sky is slightly bent on the grid: one pixel more on each side.
    const low = (values: number[]): number => Math.max(0, Math.floor(Math.min(...values)) - 1);
    const high = (values: number[], size: number): number =>
      Math.min(size, Math.ceil(Math.max(...values)) + 2);
    const [x0, x1, y0, y1] = [low(xs), high(xs, grid.nx), low(ys), high(ys, grid.ny)];
    return { wcs, nx, ny, x0, x1, y0, y1, corners };
  });
  return { grid, places };
}

/** Do two exposures cover pixels of the grid in common? */
export const overlap = (a: OnGrid, b: OnGrid): boolean =>
  a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

/** Pixels by which repeated exposures may lie apart: a tenth of what would show in a star's core. */
const STILL = 0.05;

/** Do the pixels of two exposures lie on each other? */
export const isRepeat = (a: OnGrid, b: OnGrid): boolean =>
  a.nx === b.nx &&
  a.ny === b.ny &&
  a.corners.every(([x, y], i) => Math.hypot(x - b.corners[i]![0], y - b.corners[i]![1]) < STILL);

/** Is it a surface brightness, which stays the same when pixels change their size? Counts go with their area. */
export const isBrightness = (unit: string): boolean => /\/(sr|arcsec)/.test(unit);
