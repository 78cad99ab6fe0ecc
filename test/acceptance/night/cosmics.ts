/** Cosmic rays that got through: pixels of the mosaic far above the truth where some exposure was struck. */
import type { Expected } from "./expected.js";
import type { Mosaic } from "./product.js";

export interface Leftovers {
  /** Struck pixels, and those of them that are left more than `sigmas` above the truth. */
  struck: number;
  left: number;
  /** Pixels as far above the truth that nothing struck. */
  others: number;
  /** The farthest struck pixel above the truth, in units of ERR. */
  worst: number;
}

/**
 * Part of the light by which a pixel may be off where nothing struck: where an exposure is missing, stars' steep cores are
 * the mean of others, which lie elsewhere between the pixels.
 */
const STEEP = 0.05;

export function countLeftovers(mosaic: Mosaic, { light, struck }: Expected, sigmas: number): Leftovers {
  const { sci, err, bad } = mosaic;
  const found: Leftovers = { struck: 0, left: 0, others: 0, worst: 0 };
  for (let i = 0; i < sci.length; i++) {
    if (struck[i]! > 0) found.struck++;
    if (bad[i] !== 0) continue;
    const excess = (sci[i]! - light[i]!) / err[i]!;
    if (struck[i]! > 0) {
      found.worst = Math.max(found.worst, excess);
      if (excess > sigmas) found.left++;
    } else if (sci[i]! - light[i]! > sigmas * err[i]! + STEEP * light[i]!) found.others++;
  }
  return found;
}
