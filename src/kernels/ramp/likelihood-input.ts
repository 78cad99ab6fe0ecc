/** What the likelihood fits, and what it fills. */
import type { Differences } from "./likelihood-differences.js";

export interface LikelihoodInput {
  nints: number;
  ngroups: number;
  sci: Float32Array;
  /** Hits that are found are flagged here. */
  groupdq: Uint8Array;
  pixeldq: Uint32Array;
  gain: ArrayLike<number>;
  /** CDS noise [DN]. */
  readNoise: ArrayLike<number>;
  dark: ArrayLike<number> | null;
  /** Pixels [from, to) are fitted; all of them, unless it is said. */
  pixels?: { from: number; to: number };
  differences: Differences;
  /** Δχ² beyond which one difference, or two adjacent ones, are left out. */
  thresholds: readonly [number, number];
}

export interface LikelihoodPlanes {
  slope: Float32Array;
  err: Float32Array;
  varP: Float32Array;
  varR: Float32Array;
  chisq: Float32Array;
  dq: Uint32Array;
}
