/** Finds sources: connected pixels above a threshold of the smoothed image (the model of SExtractor). */
import { rootOf } from "./branches.js";
import { cleanSources } from "./clean-sources.js";
import { deblend } from "./deblend.js";
import { withRuns, withSmoothed, type DetectImage } from "./smooth.js";
import { measure, type Source } from "./source.js";

export interface DetectPolicy {
  /** In units of the image. */
  threshold: number;
  minarea: number;
  /** Levels between the threshold and the peak, spaced exponentially. */
  levels: number;
  /** Part of the flux that a branch needs to be a source of its own. */
  contrast: number;
  /** Exponent of the wings in which a faint source is taken for a part of a bright one; 0: none is. */
  clean: number;
}

/** `segments`, if given, gets the number of the source, from 1, of each of its pixels. */
export function detect(
  image: DetectImage,
  policy: DetectPolicy,
  segments: Uint32Array | null = null,
): Source[] {
  const kept = withSmoothed(image, (smooth) => {
    const sources: Source[] = [];
    for (const pixels of connected(smooth, image.nx, image.ny, policy.threshold, policy.minarea))
      for (const { pixels: all, core, merged } of deblend(pixels, smooth, image.nx, policy)) {
        const whole = measure(all, image, smooth, policy.threshold, merged);
        if (!merged) sources.push(whole);
        else {
          const { x, y, a, b, theta, cxx, cyy, cxy } = measure(core, image, smooth, policy.threshold, merged);
          sources.push({ ...whole, x, y, a, b, theta, cxx, cyy, cxy });
        }
      }
    return policy.clean > 0 ? cleanSources(sources, smooth, policy) : sources;
  });
  if (segments) kept.forEach(({ pixels }, k) => pixels.forEach((p) => (segments[p] = k + 1)));
  return kept;
}

/** Pixels of each 8-connected patch above the threshold, in row order; patches of fewer than `minarea` are left out. */
function connected(
  smooth: Float32Array,
  nx: number,
  ny: number,
  threshold: number,
  minarea: number,
): Int32Array[] {
  // Runs of pixels along rows, joined when they touch one of the row before.
  const starts: number[] = [];
  const ends: number[] = [];
  const parent: number[] = [];
  let from = 0;
  let to = 0;
  withRuns(smooth, nx, threshold, (findRuns, runs) => {
    for (let y = 0; y < ny; y++) {
      const first = starts.length;
      const count = findRuns(y);
      for (let k = 0; k < 2 * count; k += 2) {
        const [start, end] = [y * nx + runs[k]!, y * nx + runs[k + 1]!];
        const run = starts.length;
        starts.push(start);
        ends.push(end);
        parent.push(run);
        while (from < to && ends[from]! + nx < start - 1) from++;
        for (let other = from; other < to && starts[other]! + nx <= end + 1; other++)
          parent[rootOf(parent, run)] = rootOf(parent, other);
      }
      from = first;
      to = starts.length;
    }
  });
  const roots = Int32Array.from(parent, (_, k) => rootOf(parent, k));
  const areas = new Int32Array(starts.length);
  for (let k = 0; k < starts.length; k++) areas[roots[k]!]! += ends[k]! - starts[k]! + 1;
  // Where the next pixel of each patch goes, all in one array.
  const next = new Int32Array(starts.length);
  let total = 0;
  for (let k = 0; k < starts.length; k++)
    if (areas[k]! >= minarea) {
      next[k] = total;
      total += areas[k]!;
    }
  const pixels = new Int32Array(total);
  for (let k = 0; k < starts.length; k++) {
    const root = roots[k]!;
    if (areas[root]! < minarea) continue;
    for (let p = starts[k]!; p <= ends[k]!; p++) pixels[next[root]!++] = p;
  }
  const patches: Int32Array[] = [];
  for (let k = 0; k < starts.length; k++)
    if (areas[k]! >= minarea) patches.push(pixels.subarray(next[k]! - areas[k]!, next[k]));
  return patches;
}
