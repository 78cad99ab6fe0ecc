/** What the parts of the optimally weighted fit share: its input, its product, the noise of a group. */

/** A band of ramps, [nints][ngroups][n], and the detector's pixels, [n]. */
export interface OptimalInput {
  nints: number;
  ngroups: number;
  sci: Float32Array;
  groupdq: Uint8Array | null;
  pixeldq: Uint32Array;
  /** e⁻/DN. */
  gain: Float64Array;
  /** CDS noise [DN]. */
  readNoise: Float64Array;
  /** Average dark current, added to the rate in photon variances. */
  dark: Float64Array | null;
  /** [nints][n]: the very first read of frame-averaged groups, for pixels that saturate in their first group. */
  zeroframe: Float32Array | null;
  /** Pixels [from, to) are fitted; all of them, unless it is said. */
  pixels?: { from: number; to: number };
  nframes: number;
  tframe: number;
  tgroup: number;
  dropframes: number;
  /** Time of each group since the first, in units of tgroup, where reads are missing or unevenly spaced. */
  at?: ArrayLike<number> | null;
  /** Integrations with a single usable group give nothing. */
  suppressOne: boolean;
}

/** [planes][n]: one plane for the exposure, one for each integration. Rates in DN/s. */
export interface OptimalPlanes {
  slope: Float32Array;
  err: Float32Array;
  varP: Float32Array;
  varR: Float32Array;
  dq: Uint32Array;
}

/** Noise of one group [e⁻]. */
export const sigmaOf = (readNoise: number, gain: number, nframes: number): number =>
  Math.fround(readNoise * Math.fround(gain / Math.sqrt(2 * nframes)));

const tooLarge = 1e6;

/** No variance where it would be absurd. */
export const cap = (variance: number): number => (variance >= tooLarge || variance < 0 ? 0 : variance);

/** A rate of such a variance says nothing: 0. */
export const isAbsurd = (variance: number): boolean => variance >= tooLarge;

/** For how long a single first group has collected light [s]. */
export const firstTime = ({ nframes, tframe }: OptimalInput): number => ((nframes + 1) * tframe) / 2;
