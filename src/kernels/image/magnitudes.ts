/** Magnitudes, zero points and flux densities. */
import { MAD_TO_SIGMA } from "./sigma-clip.js";

export interface CalibrationStar {
  /** Counts in the aperture, and the exposure time in seconds. */
  counts: number;
  exptime: number;
  magnitude: number;
  airmass: number;
}

/** ZP = m + 2.5·log₁₀(counts/t) + k·X, for a star that has that magnitude outside the atmosphere. */
export const zeroPoint = (star: CalibrationStar, extinction = 0): number =>
  star.magnitude + 2.5 * Math.log10(star.counts / star.exptime) + extinction * star.airmass;

export interface ZeroPoint {
  value: number;
  /** 1.4826·MAD of the stars, and that over √n. */
  scatter: number;
  error: number;
  n: number;
}

/** Median over the stars. */
export function medianZeroPoint(values: readonly number[]): ZeroPoint {
  const median = (list: readonly number[]): number => {
    const sorted = [...list].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  };
  const value = median(values);
  const scatter = MAD_TO_SIGMA * median(values.map((zp) => Math.abs(zp - value)));
  return { value, scatter, error: scatter / Math.sqrt(values.length), n: values.length };
}

/** AB magnitude → erg s⁻¹ cm⁻² Hz⁻¹. */
export const fluxDensity = (ab: number): number => 10 ** (-0.4 * (ab + 48.6));

/** AB magnitude → µJy. */
export const microjansky = (ab: number): number => 10 ** ((23.9 - ab) / 2.5);
