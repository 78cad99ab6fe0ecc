/** Exposures on a grid by whole pixels: by which each is moved, and how far its pixels then lie off their places. */
import { skyToPixel, pixelToSky, type Wcs } from "../wcs/index.js";

export interface Frame {
  wcs: Wcs;
  nx: number;
  ny: number;
}

/** Column and row of the grid on which an exposure's first pixel lies. */
export interface Shift {
  x: number;
  y: number;
}

/** Places along a side at which an exposure is compared with the grid. */
const LOOKS = 5;

/** An exposure's middle lies right. Its own distortion counts where the grid has one. */
export function shiftOn(grid: Wcs, { wcs, nx, ny }: Frame): Shift {
  const own = grid.sip ? wcs : { ...wcs, sip: null };
  const [x, y] = [(nx - 1) / 2, (ny - 1) / 2];
  const [u, w] = skyToPixel(grid, ...pixelToSky(own, x, y));
  return { x: Math.round(u - x), y: Math.round(w - y) };
}

/** Pixels by which an exposure that is moved so lies off the grid where that is most; not finite: it has no place on it. */
export function farthestOff(grid: Wcs, { wcs, nx, ny }: Frame, { x, y }: Shift): number {
  const off: number[] = [];
  for (let j = 0; j < LOOKS; j++)
    for (let i = 0; i < LOOKS; i++) {
      const place = [(i / (LOOKS - 1)) * (nx - 1), (j / (LOOKS - 1)) * (ny - 1)] as const;
      const [u, w] = skyToPixel(grid, ...pixelToSky(wcs, ...place));
      off.push(Math.hypot(u - place[0] - x, w - place[1] - y));
    }
  return Math.max(...off);
}

/**
 * The grid of the first exposure, with its distortion where all exposures lie better on it so: those of one pointing do.
 * Beyond the first one's edges a distortion is only continued, and one without may serve a wide mosaic better.
 */
export function sharedGrid(frames: readonly Frame[]): Wcs {
  const distorted = frames[0]!.wcs;
  const plain = { ...distorted, sip: null };
  return distorted.sip && worstOff(distorted, frames) <= worstOff(plain, frames) ? distorted : plain;
}

function worstOff(grid: Wcs, frames: readonly Frame[]): number {
  try {
    return Math.max(...frames.map((frame) => farthestOff(grid, frame, shiftOn(grid, frame))));
  } catch {
    // Far outside its frame a distortion need not have an inverse.
    return Infinity;
  }
}
