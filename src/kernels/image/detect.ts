/** Finds sources: connected pixels above a threshold of the smoothed image (the model of SExtractor). */
import { rootOf } from "./branches.js";
import { cleanSources } from "./clean-sources.js";
import { deblend } from "./deblend.js";
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

export interface DetectImage {
  nx: number;
  ny: number;
  /** Background subtracted. */
  sci: Float32Array;
  bad: Uint8Array | null;
}

/** `segments`, if given, gets the number of the source, from 1, of each of its pixels. */
export function detect(
  image: DetectImage,
  policy: DetectPolicy,
  segments: Uint32Array | null = null,
): Source[] {
  const smooth = smoothed(image);
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
  const kept = policy.clean > 0 ? cleanSources(sources, smooth, policy) : sources;
  if (segments) kept.forEach(({ pixels }, k) => pixels.forEach((p) => (segments[p] = k + 1)));
  return kept;
}

/** Convolved with [[1, 2, 1], [2, 4, 2], [1, 2, 1]]/16, nothing beyond the frame; bad pixels give and get nothing. */
function smoothed({ nx, ny, sci, bad }: DetectImage): Float32Array {
  const out = new Float32Array(nx * ny);
  const rows = [new Float32Array(nx), new Float32Array(nx), new Float32Array(nx)] as const;
  const line = new Float32Array(nx + 2);
  fillRow(rows[1], line, sci, bad, 0);
  for (let y = 0; y < ny; y++) {
    const [a, b, c] = [rows[y % 3]!, rows[(y + 1) % 3]!, rows[(y + 2) % 3]!];
    if (y + 1 < ny) fillRow(c, line, sci, bad, (y + 1) * nx);
    else c.fill(0);
    const at = y * nx;
    for (let x = 0; x < nx; x++) out[at + x] = (a[x]! + 2 * b[x]! + c[x]!) / 16;
    if (bad !== null) for (let i = at; i < at + nx; i++) if (bad[i] !== 0) out[i] = -Infinity;
  }
  return out;
}

/** [1, 2, 1] along the row that begins at `at`; `line` has room for a nothing at either end. */
function fillRow(
  row: Float32Array,
  line: Float32Array,
  sci: Float32Array,
  bad: Uint8Array | null,
  at: number,
): void {
  const nx = row.length;
  for (let x = 0; x < nx; x++) {
    const v = sci[at + x]!;
    line[x + 1] = v - v === 0 ? v : 0;
  }
  if (bad !== null) for (let x = 0; x < nx; x++) if (bad[at + x] !== 0) line[x + 1] = 0;
  for (let x = 0; x < nx; x++) row[x] = line[x]! + 2 * line[x + 1]! + line[x + 2]!;
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
  for (let y = 0; y < ny; y++) {
    const first = starts.length;
    const base = y * nx;
    for (let x = 0; x < nx; x++) {
      while (x < nx && !(smooth[base + x]! > threshold)) x++;
      if (x === nx) break;
      const start = x;
      while (x + 1 < nx && smooth[base + x + 1]! > threshold) x++;
      const run = starts.length;
      starts.push(base + start);
      ends.push(base + x);
      parent.push(run);
      while (from < to && ends[from]! + nx < base + start - 1) from++;
      for (let k = from; k < to && starts[k]! + nx <= base + x + 1; k++)
        parent[rootOf(parent, run)] = rootOf(parent, k);
    }
    from = first;
    to = starts.length;
  }
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
