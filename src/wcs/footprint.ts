/** The sky that a frame covers. */
import type { Wcs } from "./keywords.js";
import { pixelToSky } from "./project.js";

/** Sky positions of the outer corners of the corner pixels, counter-clockwise in pixels from (−0.5, −0.5). */
export function footprint(wcs: Wcs, nx: number, ny: number): [number, number][] {
  const corners = [
    [-0.5, -0.5],
    [nx - 0.5, -0.5],
    [nx - 0.5, ny - 0.5],
    [-0.5, ny - 0.5],
  ] as const;
  return corners.map(([x, y]) => pixelToSky(wcs, x, y));
}

/** The footprint as S_REGION: `POLYGON ICRS α δ …` in degrees. */
export const formatRegion = (corners: readonly [number, number][]): string =>
  `POLYGON ICRS ${corners
    .flat()
    .map((angle) => angle.toFixed(9))
    .join(" ")}`;

/** Sides of a pixel in degrees, along x and along y: the lengths of the matrix's columns. */
export const pixelScales = ({ cd }: Wcs): [number, number] => [
  Math.hypot(cd[0], cd[2]),
  Math.hypot(cd[1], cd[3]),
];
