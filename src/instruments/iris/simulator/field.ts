/** The stars: a field on the sky that every pointing, dither and detector sees the same part of, and its image. */
import { generator } from "../../common/simulator/random.js";
import { fluxOf, type Pointing, type Star } from "../../common/simulator/stars.js";
import { DETECTORS, type Window } from "./detector.js";
import { coreWidth, PIXEL_SCALE, type Filter } from "./optics.js";

const RADIAN = Math.PI / 180;
/** Side of the tiles that stars are drawn in; the largest stamp must not be larger. */
const TILE = 256;
const LARGEST_STAMP = 256;
/** Faintest and brightest star, e⁻/s. */
const FAINTEST = 300;
const BRIGHTEST = 2e6;
/** Share of the light in the diffraction core (Strehl-like), and width of the halo in pixels. */
const CORE = 0.6;
const HALO_WIDTH = 45;
const HALO_BETA = 2.5;
const CORE_BETA = 3;

/** CRPIX1/2 of the window: where the field's centre, the tangent point, falls. */
export function tangentPixel(window: Window, { dx, dy }: Pointing): readonly [number, number] {
  const [offsetX, offsetY] = window.side === 4096 ? DETECTORS[window.detector]! : [0, 0];
  const centre = (window.side + 1) / 2;
  return [centre - offsetX - dx - (window.x - 1), centre - offsetY - dy - (window.y - 1)];
}

/** Gnomonic sky position in degrees of image pixel (x, y); north up, east left. */
export function skyOf(window: Window, pointing: Pointing, x: number, y: number): { ra: number; dec: number } {
  const [cx, cy] = tangentPixel(window, pointing);
  const xi = (-(x - cx) * PIXEL_SCALE * RADIAN) / 3600;
  const eta = ((y - cy) * PIXEL_SCALE * RADIAN) / 3600;
  const dec0 = pointing.dec * RADIAN;
  const down = Math.cos(dec0) - eta * Math.sin(dec0);
  const ra = pointing.ra + Math.atan2(xi, down) / RADIAN;
  const dec = Math.atan2(Math.sin(dec0) + eta * Math.cos(dec0), Math.hypot(xi, down)) / RADIAN;
  return { ra: ((ra % 360) + 360) % 360, dec };
}

const stampRadius = (flux: number): number => Math.min(LARGEST_STAMP, 24 * (flux / FAINTEST) ** 0.3);

/** The stars whose light reaches the window. */
export function starsIn(window: Window, pointing: Pointing): Star[] {
  const [cx, cy] = tangentPixel(window, pointing);
  const stars: Star[] = [];
  const tile = (v: number) => Math.floor(v / TILE);
  // Tiles count from the tangent point, so that they stay where they are on the sky.
  for (let ty = tile(1 - LARGEST_STAMP - cy); ty <= tile(window.ny + LARGEST_STAMP - cy); ty++)
    for (let tx = tile(1 - LARGEST_STAMP - cx); tx <= tile(window.nx + LARGEST_STAMP - cx); tx++) {
      const random = generator(pointing.seed, tx, ty);
      const count = random.poisson(pointing.density);
      for (let n = 0; n < count; n++) {
        const x = (tx + random.uniform()) * TILE + cx;
        const y = (ty + random.uniform()) * TILE + cy;
        const flux = fluxOf(random.uniform(), FAINTEST, BRIGHTEST);
        const reach = stampRadius(flux);
        if (x > 0.5 - reach && x < window.nx + 0.5 + reach && y > 0.5 - reach && y < window.ny + 0.5 + reach)
          stars.push({ x, y, flux });
      }
    }
  return stars.sort((a, b) => b.flux - a.flux);
}

/** α² of a Moffat profile with this full width at half maximum. */
const alphaSquared = (fwhm: number, beta: number): number => (fwhm / 2) ** 2 / (2 ** (1 / beta) - 1);

/** Adds the stars' light, e⁻/s, to rows [y0, y0 + ny) of the window. */
export function addStars(
  rate: Float64Array,
  stars: readonly Star[],
  filter: Filter,
  nx: number,
  y0: number,
  ny: number,
): void {
  const core2 = alphaSquared(coreWidth(filter), CORE_BETA);
  const halo2 = alphaSquared(HALO_WIDTH, HALO_BETA);
  const corePeak = (CORE * (CORE_BETA - 1)) / (Math.PI * core2);
  const haloPeak = ((1 - CORE) * (HALO_BETA - 1)) / (Math.PI * halo2);
  for (const { x, y, flux } of stars) {
    const reach = stampRadius(flux);
    const first = Math.max(0, Math.ceil(y - 1 - reach) - y0);
    const last = Math.min(ny - 1, Math.floor(y - 1 + reach) - y0);
    const from = Math.max(0, Math.ceil(x - 1 - reach));
    const to = Math.min(nx - 1, Math.floor(x - 1 + reach));
    for (let row = first; row <= last; row++) {
      const dy2 = (y0 + row + 1 - y) ** 2;
      for (let col = from; col <= to; col++) {
        const r2 = (col + 1 - x) ** 2 + dy2;
        if (r2 > reach * reach) continue;
        const near = 1 + r2 / core2;
        const far = 1 + r2 / halo2;
        // β = 3 and 2.5: powers written out.
        const profile = corePeak / (near * near * near) + haloPeak / (far * far * Math.sqrt(far));
        rate[row * nx + col]! += flux * profile;
      }
    }
  }
}
