/** Grids on the sky: one that covers several frames, its keywords, and the map of pixels from frame to frame. */
import type { KeywordValue } from "../data/exposure.js";
import { footprint } from "./footprint.js";
import type { Wcs } from "./keywords.js";
import { pixelToSky, skyToPixel } from "./project.js";

export interface GridWish {
  /** Output scale over that of the first frame. */
  ratio: number;
  /** Degrees per pixel; wins over `ratio`. */
  scale: number | null;
  /** Position angle of y, degrees from north over east; null: as the first frame has it. */
  rotation: number | null;
  /** Fixed size, position of the reference pixel (from 0) and its sky position, degrees. */
  shape: readonly [number, number] | null;
  crpix: readonly [number, number] | null;
  crval: readonly [number, number] | null;
}

export interface SkyGrid {
  nx: number;
  ny: number;
  wcs: Wcs;
}

/** Geometric mean of the sides of a pixel, degrees. */
export const scaleOf = ({ cd }: Wcs): number => Math.sqrt(Math.abs(cd[0] * cd[3] - cd[1] * cd[2]));

/** The smallest TAN grid with the first frame's handedness that holds every corner of every frame. */
export function coveringGrid(
  frames: readonly { wcs: Wcs; nx: number; ny: number }[],
  wish: GridWish,
): SkyGrid {
  const first = frames[0]!.wcs;
  const scale = wish.scale ?? scaleOf(first) * wish.ratio;
  const angle =
    wish.rotation === null ? Math.atan2(first.cd[1], first.cd[3]) : (wish.rotation * Math.PI) / 180;
  const [sin, cos] = [scale * Math.sin(angle), scale * Math.cos(angle)];
  const mirrored = first.cd[0] * first.cd[3] - first.cd[1] * first.cd[2] < 0;
  const cd = mirrored ? ([-cos, sin, sin, cos] as const) : ([cos, sin, -sin, cos] as const);
  const wcs = (crpix: readonly [number, number]): Wcs => ({
    projection: "TAN",
    crpix: [crpix[0] + 1, crpix[1] + 1],
    crval: wish.crval ?? first.crval,
    cd,
    lonpole: 180,
    sip: null,
  });
  const corners = frames.flatMap((frame) =>
    footprint(frame.wcs, frame.nx, frame.ny).map(([ra, dec]) => skyToPixel(wcs([0, 0]), ra, dec)),
  );
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  // Corners that coincide with those of pixels must not add a row by rounding.
  const sizeOf = (extent: number): number => Math.max(1, Math.ceil(extent - 1e-6));
  const [nx, ny] = wish.shape ?? [sizeOf(right - left), sizeOf(high - low)];
  const crpix = wish.crpix ?? ([nx / 2 - 0.5 - (left + right) / 2, ny / 2 - 0.5 - (low + high) / 2] as const);
  return { nx, ny, wcs: wcs(crpix) };
}

/** A frame's coordinates as keywords, without distortion. */
export function wcsKeywordsOf({ projection, crpix, crval, cd, lonpole }: Wcs): Record<string, KeywordValue> {
  return {
    WCSAXES: 2,
    CTYPE1: `RA---${projection}`,
    CTYPE2: `DEC--${projection}`,
    CUNIT1: "deg",
    CUNIT2: "deg",
    CRPIX1: crpix[0],
    CRPIX2: crpix[1],
    CRVAL1: crval[0],
    CRVAL2: crval[1],
    // Adding 0 makes 0 of −0.
    CD1_1: cd[0] + 0,
    CD1_2: cd[1] + 0,
    CD2_1: cd[2] + 0,
    CD2_2: cd[3] + 0,
    LONPOLE: lonpole,
    RADESYS: "ICRS",
  };
}

/** Pixels between the nodes at which a map is computed; in between it is bilinear. */
const NODE = 8;
const SHIFT = 3;

/**
 * Positions in `to` of the pixels of rows [y0, y0 + ny) of a frame: exact every 8 pixels, where the nodes lie doesn't
 * depend on the rows. A distortion of 1e-5 px⁻¹ is off by 1e-4 pixels in between.
 */
export function pixelMap(
  x: Float64Array,
  y: Float64Array,
  from: Wcs,
  to: Wcs,
  nx: number,
  rows: { y0: number; ny: number },
): void {
  const columns = Math.floor((nx - 1) / NODE) + 2;
  const first = Math.floor(rows.y0 / NODE);
  const last = Math.floor((rows.y0 + rows.ny - 1) / NODE) + 1;
  const nodes = (v: number): Float64Array => {
    const line = new Float64Array(2 * columns);
    for (let u = 0; u < columns; u++) {
      const [ra, dec] = pixelToSky(from, u * NODE, v * NODE);
      [line[2 * u], line[2 * u + 1]] = skyToPixel(to, ra, dec);
    }
    return line;
  };
  let below = nodes(first);
  for (let v = first; v < last; v++) {
    const above = nodes(v + 1);
    const end = Math.min((v + 1) * NODE, rows.y0 + rows.ny);
    for (let row = Math.max(v * NODE, rows.y0); row < end; row++) {
      const t = (row - v * NODE) / NODE;
      for (let column = 0, i = (row - rows.y0) * nx; column < nx; column++, i++) {
        const at = 2 * (column >> SHIFT);
        const s = (column & (NODE - 1)) / NODE;
        const w11 = s * t;
        const w10 = s - w11;
        const w01 = t - w11;
        const w00 = 1 - s - w01;
        x[i] = w00 * below[at]! + w10 * below[at + 2]! + w01 * above[at]! + w11 * above[at + 2]!;
        y[i] = w00 * below[at + 1]! + w10 * below[at + 3]! + w01 * above[at + 1]! + w11 * above[at + 3]!;
      }
    }
    below = above;
  }
}

/** Places along the edges of a band at which its rows in another frame are looked up. */
const LOOKS = 33;

/** Rows of a frame under rows [y0, y0 + ny) of a grid, with `margin` pixels on either side; may lie beyond the frame. */
export function rowsUnder(
  { nx, wcs }: SkyGrid,
  band: { y0: number; ny: number },
  frame: Wcs,
  margin: number,
): { y0: number; ny: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const y of [band.y0 - 0.5, band.y0 + band.ny - 0.5])
    for (let k = 0; k < LOOKS; k++) {
      const [ra, dec] = pixelToSky(wcs, (k / (LOOKS - 1)) * nx - 0.5, y);
      const row = skyToPixel(frame, ra, dec)[1];
      low = Math.min(low, row);
      high = Math.max(high, row);
    }
  const y0 = Math.floor(low - margin);
  return { y0, ny: Math.ceil(high + margin) - y0 + 1 };
}
