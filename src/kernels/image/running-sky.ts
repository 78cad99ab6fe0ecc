/** The sky under each pixel, from other exposures on which the objects lie elsewhere. */
import { sortShort } from "./robust.js";
import { clipRun, medianOfRun, type ClipPolicy } from "./sigma-clip.js";

export interface SkyFrame {
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
}

/** Var(median of n)/σ² of normal deviates, n = 0 … 10; beyond, π/(2n) is right to 5 %. */
const MEDIAN_VARIANCE = [
  0, 1, 0.5, 0.448671, 0.298203, 0.286834, 0.214664, 0.210446, 0.168244, 0.166102, 0.138301,
];
const varianceOf = (n: number): number => MEDIAN_VARIANCE[n] ?? Math.PI / (2 * n);

/**
 * `sky` and `variance`: median of the values with q = 0, or of those that `clip` leaves, and its variance from the errors;
 * where fewer than `least` exposures have a value, 0 and 0, and `few` is set.
 */
export function runningSky(
  sky: Float32Array,
  variance: Float32Array,
  few: Uint8Array,
  frames: readonly SkyFrame[],
  least: number,
  clip: ClipPolicy | null = null,
): void {
  const values = new Float64Array(frames.length);
  const run = { from: 0, to: 0 };
  for (let p = 0; p < sky.length; p++) {
    let n = 0;
    let squares = 0;
    for (const { sci, err, dq } of frames) {
      const value = sci[p]!;
      if (dq[p] !== 0 || value - value !== 0) continue;
      values[n++] = value;
      squares += err[p]! * err[p]!;
    }
    if (n < least) {
      sky[p] = 0;
      variance[p] = 0;
      few[p] = 1;
      continue;
    }
    sortShort(values, n);
    run.from = 0;
    run.to = n;
    if (clip) clipRun(values, run, clip);
    sky[p] = medianOfRun(values, run);
    variance[p] = varianceOf(run.to - run.from) * (squares / n);
  }
}
