/** Where a simulated telescope points, the stars that it sees, and how bright they are. */

export interface Pointing {
  /** Centre of the field, degrees. */
  ra: number;
  dec: number;
  /** Dither: the field moves by (dx, dy) pixels against the direction of the axes. */
  dx: number;
  dy: number;
  /** Stars per 256 × 256 pixels. */
  density: number;
  /** Which field. */
  seed: number;
}

export interface Star {
  /** Pixels of the image, 1-based. */
  x: number;
  y: number;
  /** e⁻/s. */
  flux: number;
}

/** Slope of N(>F) ∝ F^−slope. */
const SLOPE = 0.8;

/** Flux of a star that a share `u` of all, 0 ≤ u < 1, are fainter than, from `faintest` to `brightest`. */
export const fluxOf = (u: number, faintest: number, brightest: number): number =>
  Math.min(brightest, faintest * (1 - u) ** (-1 / SLOPE));
