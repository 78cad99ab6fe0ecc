/** Which reads make up the groups of a ramp. */
import type { Readout } from "./exposure.js";

/** Numbers, from 1, of the reads averaged into each of `ngroups` groups. */
export function readPattern(readout: Readout, ngroups: number): readonly (readonly number[])[] {
  const { nframes, groupgap, pattern } = readout;
  if (pattern) return pattern;
  return Array.from({ length: ngroups }, (_, g) =>
    Array.from({ length: nframes }, (__, k) => g * (nframes + groupgap) + k + 1),
  );
}

/** Times of the reads averaged into each group [s]; a group's mean is its time, also where reads are missing. */
export function readTimes(readout: Readout, ngroups: number): readonly (readonly number[])[] {
  const { tframe, times, tgroup } = readout;
  return readPattern(readout, ngroups).map((reads, g) => {
    const middle = reads.reduce((a, b) => a + b, 0) / reads.length;
    const mean = times[g] ?? g * tgroup;
    return reads.map((read) => mean + (read - middle) * tframe);
  });
}
