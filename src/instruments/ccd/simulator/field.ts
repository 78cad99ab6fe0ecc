/** The stars that a simulated CCD looks at, and their images. */
import { generator } from "../../common/simulator/random.js";
import { fluxOf, type Pointing, type Star } from "../../common/simulator/stars.js";
import type { Chip } from "./camera.js";

/** Faintest and brightest star, e⁻/s. */
const FAINTEST = 20;
const BRIGHTEST = 20_000;
/** Seeing: full width at half maximum in pixels, of a Moffat profile with β = 3. */
const FWHM = 3.6;
const ALPHA2 = (FWHM / 2) ** 2 / (2 ** (1 / 3) - 1);
/** Half the side of the field beyond the chip, pixels: more than dithers and halos need. */
const MARGIN = 128;

/** Where the field's centre falls, pixels of the trimmed frame, 1-based. */
export const tangentPixel = ({ nx, ny }: Chip, { dx, dy }: Pointing): { x: number; y: number } => ({
  x: (nx + 1) / 2 - dx,
  y: (ny + 1) / 2 - dy,
});

/** The stars around the field's centre, wherever the telescope points: the same for every dither. */
export function starsIn(chip: Chip, pointing: Pointing): Star[] {
  const random = generator(pointing.seed, 0x57a2);
  const [width, height] = [chip.nx + 2 * MARGIN, chip.ny + 2 * MARGIN];
  const centre = tangentPixel(chip, pointing);
  return Array.from({ length: random.poisson((pointing.density * width * height) / 256 ** 2) }, () => ({
    x: centre.x + (random.uniform() - 0.5) * width,
    y: centre.y + (random.uniform() - 0.5) * height,
    flux: fluxOf(random.uniform(), FAINTEST, BRIGHTEST),
  }));
}

const reachOf = (flux: number): number => Math.min(MARGIN, 12 * (flux / FAINTEST) ** 0.3);

/** Adds the stars' light, e⁻/s, to the pixels of the chip. */
export function addStars(rate: Float64Array, stars: readonly Star[], { nx, ny }: Chip): void {
  for (const { x, y, flux } of stars) {
    const reach = reachOf(flux);
    const peak = (2 * flux) / (Math.PI * ALPHA2);
    for (let row = Math.max(0, Math.ceil(y - 1 - reach)); row <= Math.min(ny - 1, y - 1 + reach); row++)
      for (let col = Math.max(0, Math.ceil(x - 1 - reach)); col <= Math.min(nx - 1, x - 1 + reach); col++) {
        const r2 = (col + 1 - x) ** 2 + (row + 1 - y) ** 2;
        if (r2 <= reach * reach) rate[row * nx + col]! += peak / (1 + r2 / ALPHA2) ** 3;
      }
  }
}
