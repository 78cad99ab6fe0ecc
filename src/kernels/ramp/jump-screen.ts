/** Tells quickly which unflagged ramps can't hold a hit, so that only the others are searched. */
import type { Alloc } from "../alloc.js";
import { simdFor } from "../memory.js";
import { medianNetwork } from "./selection.js";

export interface Screen {
  ngroups: number;
  pairs: Uint32Array;
  scratch: Uint8Array;
}

export function makeScreen(ngroups: number, alloc: Alloc): Screen {
  const network = medianNetwork(ngroups - 1).flat();
  const pairs = alloc.u32(network.length);
  network.forEach((k, i) => (pairs[i] = 32 * k));
  return { ngroups, pairs, scratch: alloc.u8(32 * ngroups) };
}

/**
 * suspect[i] ≠ 0 unless every difference of pixel `start + i` lies within `threshold`·σ of their median, with a margin
 * for rounding; σ² = |median| + noise. `gain` [e⁻/DN] and `noise` [e⁻²] are those of the pixels from `start` on.
 */
export function screen(
  { ngroups, pairs, scratch }: Screen,
  suspect: Uint8Array,
  samples: Float32Array,
  start: number,
  plane: number,
  gain: Float32Array,
  noise: Float32Array,
  threshold: number,
): void {
  const limit = Math.fround(threshold * threshold * (1 - 1e-5));
  const simd = simdFor(suspect, samples);
  const whole = simd ? suspect.length & ~7 : 0;
  simd?.jumpScreen(
    ...[suspect.byteOffset, samples.byteOffset + 4 * start, 4 * plane, whole, ngroups],
    ...[gain.byteOffset, noise.byteOffset, limit],
    ...[pairs.byteOffset, pairs.length / 2, scratch.byteOffset],
  );
  const d = new Float32Array(ngroups - 1);
  for (let i = whole; i < suspect.length; i++) {
    let before = Math.fround(samples[start + i]! * gain[i]!);
    for (let k = 0, at = start + i + plane; k < d.length; k++, at += plane) {
      const x = Math.fround(samples[at]! * gain[i]!);
      d[k] = x - before;
      before = x;
    }
    d.sort();
    const median = Math.fround(0.5 * Math.fround(d[(ngroups - 2) >> 1]! + d[(ngroups - 1) >> 1]!));
    const far = Math.max(Math.fround(d.at(-1)! - median), Math.fround(median - d[0]!));
    const variance = Math.fround(limit * Math.fround(Math.abs(median) + noise[i]!));
    suspect[i] = Math.fround(far * far) <= variance ? 0 : 255;
  }
}
