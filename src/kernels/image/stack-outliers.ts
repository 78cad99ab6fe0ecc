/** Values of one frame far above the median of a stack. */
import { middle, sortShort, madAbout } from "./robust.js";
import { MAD_TO_SIGMA } from "./sigma-clip.js";

interface Planes {
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
}

/** Frames that must have a value. */
const ENOUGH = 3;

/** target.dq ← dq | flag where d > M + n·max(1.4826·MAD, e); frames with a `bad` flag there don't count. */
export function flagOutliers(
  target: Planes,
  frames: readonly Planes[],
  nsigma: number,
  bad: number,
  flag: number,
): void {
  const values = new Float64Array(frames.length);
  const { sci, err, dq } = target;
  for (let i = 0; i < sci.length; i++) {
    let n = 0;
    for (const frame of frames) {
      const value = frame.sci[i]!;
      if (value - value === 0 && (frame.dq[i]! & bad) === 0) values[n++] = value;
    }
    if (n < ENOUGH) continue;
    sortShort(values, n);
    const median = middle(values, n);
    const scatter = MAD_TO_SIGMA * madAbout(values, n, median);
    const e = err[i]!;
    if (sci[i]! > median + nsigma * (e > scatter ? e : scatter)) dq[i]! |= flag;
  }
}
