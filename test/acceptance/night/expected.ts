/** The truth on the mosaic's pixels: light of the frames over each, how many there are, how many hits they took. */
import { pixelToSky, skyToPixel } from "../../../src/wcs/index.js";
import type { Mosaic } from "./product.js";
import type { Frame } from "./truth.js";

export interface Expected {
  /** Mean over the frames, e⁻/s; NaN where no frame lies. */
  light: Float32Array;
  frames: Uint8Array;
  struck: Uint8Array;
  /** How far between its pixels each frame lies: 0 to 1 in x and y. */
  shifts: (readonly [number, number])[];
}

/**
 * Frames of one pixel scale and rotation are moved, not turned: one shift per frame, at its middle. Pixels of the mosaic
 * get what whole pixels of the frame lay over them, which is bilinear interpolation.
 */
export function expectedOn({ nx, ny, wcs }: Mosaic, frames: readonly Frame[]): Expected {
  const light = new Float32Array(nx * ny);
  const count = new Uint8Array(nx * ny);
  const struck = new Uint8Array(nx * ny);
  const shifts: [number, number][] = [];
  for (const { nx: width, ny: height, wcs: own, light: truth, struck: hits } of frames) {
    const [mx, my] = [(width - 1) / 2, (height - 1) / 2];
    const [x, y] = skyToPixel(wcs, ...pixelToSky(own, mx, my));
    const [dx, dy] = [Math.floor(x - mx), Math.floor(y - my)];
    const [fx, fy] = [x - mx - dx, y - my - dy];
    shifts.push([fx, fy]);
    // A pixel of the mosaic lies over pixels (u, v) and (u − 1, v − 1) of the frame and those between.
    for (let v = Math.max(1, -dy); v < Math.min(height, ny - dy); v++)
      for (let u = Math.max(1, -dx); u < Math.min(width, nx - dx); u++) {
        const [at, to] = [v * width + u, (v + dy) * nx + u + dx];
        const above = truth[at]! * (1 - fx) + truth[at - 1]! * fx;
        const below = truth[at - width]! * (1 - fx) + truth[at - width - 1]! * fx;
        light[to]! += above * (1 - fy) + below * fy;
        count[to]!++;
        struck[to]! += hits[at]! + hits[at - 1]! + hits[at - width]! + hits[at - width - 1]!;
      }
  }
  for (let i = 0; i < light.length; i++) light[i] = light[i]! / count[i]!;
  return { light, frames: count, struck, shifts };
}
