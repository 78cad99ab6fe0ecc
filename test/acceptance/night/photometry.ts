/** Star fluxes and positions of the mosaic against those of the simulated field, with the kernels of the qa step. */
import { apertureSum, type ApertureImage } from "../../../src/kernels/image/apertures.js";
import { fitStar } from "../../../src/kernels/image/star-fit.js";
import { skyToPixel } from "../../../src/wcs/index.js";
import type { Expected } from "./expected.js";
import type { Mosaic } from "./product.js";
import type { Field, Frame, TrueStar } from "./truth.js";

export interface MeasuredStar {
  flux: number;
  /** Measured over true light in the aperture. */
  ratio: number;
  /** Its error expected from ERR. */
  error: number;
  /** Measured minus true position, pixels. */
  dx: number;
  dy: number;
}

/** In units of the full width at half maximum: aperture, and the ring for the sky about it. */
const APERTURE = 2;
const RING = [3, 5] as const;
/** Faintest star, as signal to noise in the aperture, and the brightest peak as part of the full well. */
const ENOUGH = 100;

/**
 * Aperture sum over the mean of the ring. Unlike a median, a mean sees neighbours in the ring alike with noise and
 * without, so that the light lost to them is the same in the product and in the truth.
 */
function lightAt(image: ApertureImage, x: number, y: number, fwhm: number): { flux: number; error: number } {
  const { sum, err, area } = apertureSum(image, x, y, APERTURE * fwhm);
  const ring = apertureSum(image, x, y, RING[1] * fwhm, "exact", RING[0] * fwhm);
  const scale = area / ring.area;
  return { flux: sum - scale * ring.sum, error: Math.hypot(err, scale * ring.err) };
}

/** The same in the simulator's own frames: mean over those that hold the whole ring. */
function trueLight(frames: readonly Frame[], { ra, dec }: TrueStar, fwhm: number): number {
  const reach = RING[1] * fwhm;
  const sums = frames.flatMap(({ nx, ny, wcs, light }) => {
    const [x, y] = skyToPixel(wcs, ra, dec);
    const inside = x > reach && y > reach && x < nx - 1 - reach && y < ny - 1 - reach;
    return inside ? [lightAt({ nx, ny, sci: light, err: null, bad: null }, x, y, fwhm).flux] : [];
  });
  return sums.reduce((sum, value) => sum + value, 0) / sums.length;
}

/** Stars that every frame of their neighbourhood holds, without a bad pixel near, unsaturated, bright and alone enough. */
export function measureStars(
  mosaic: Mosaic,
  expected: Expected,
  field: Field,
  fwhm: number,
  brightest: number,
): MeasuredStar[] {
  const { nx, ny, wcs, sci, err, bad } = mosaic;
  const image = { nx, ny, sci, err, bad };
  const full = expected.frames.reduce((most, count) => (count > most ? count : most), 0);
  const places = field.stars.map((star) => ({ star, at: skyToPixel(wcs, star.ra, star.dec) }));
  return places.flatMap(({ star, at: [x, y] }): MeasuredStar[] => {
    if (star.flux > brightest) return [];
    const reach = Math.ceil(RING[1] * fwhm);
    const [u, v] = [Math.round(x), Math.round(y)];
    if (u < reach || v < reach || u >= nx - reach || v >= ny - reach) return [];
    for (let j = -reach; j <= reach; j++)
      for (let i = -reach; i <= reach; i++) if (expected.frames[(v + j) * nx + u + i] !== full) return [];
    const crowded = places.some(
      ({ star: other, at }) =>
        other !== star && other.flux > 0.01 * star.flux && Math.hypot(at[0] - x, at[1] - y) < RING[0] * fwhm,
    );
    if (crowded || badWithin(mosaic, u, v, Math.ceil(APERTURE * fwhm))) return [];
    const { flux, error } = lightAt(image, x, y, fwhm);
    const truth = trueLight(field.frames, star, fwhm);
    if (truth < ENOUGH * error) return [];
    const fit = fitStar(image, x, y, Math.ceil(fwhm), fwhm / 2.35);
    return fit
      ? [{ flux: star.flux, ratio: flux / truth, error: error / truth, dx: fit.x - x, dy: fit.y - y }]
      : [];
  });
}

function badWithin({ nx, bad }: Mosaic, x: number, y: number, reach: number): boolean {
  for (let j = -reach; j <= reach; j++)
    for (let i = -reach; i <= reach; i++) if (bad[(y + j) * nx + x + i] !== 0) return true;
  return false;
}
