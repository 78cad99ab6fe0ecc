/** Finds sources: connected pixels above a threshold of the smoothed image (the model of SExtractor). */
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
    for (const part of deblend(pixels, smooth, image.nx, policy))
      sources.push(measure(part.pixels, image, smooth, policy.threshold, part.merged));
  const kept = policy.clean > 0 ? cleanSources(sources, smooth, policy) : sources;
  if (segments) kept.forEach(({ pixels }, k) => pixels.forEach((p) => (segments[p] = k + 1)));
  return kept;
}

/** Convolved with [[1, 2, 1], [2, 4, 2], [1, 2, 1]]/16, nothing beyond the frame; bad pixels give and get nothing. */
function smoothed({ nx, ny, sci, bad }: DetectImage): Float32Array {
  const out = new Float32Array(nx * ny);
  const rows = [new Float32Array(nx), new Float32Array(nx), new Float32Array(nx)] as const;
  const fill = (row: Float32Array, y: number): void => {
    if (y < 0 || y >= ny) {
      row.fill(0);
      return;
    }
    const at = y * nx;
    const value = (x: number): number => {
      const v = sci[at + x]!;
      return v - v !== 0 || (bad && bad[at + x] !== 0) ? 0 : v;
    };
    let [before, here] = [0, value(0)];
    for (let x = 0; x < nx; x++) {
      const next = x + 1 < nx ? value(x + 1) : 0;
      row[x] = before + 2 * here + next;
      [before, here] = [here, next];
    }
  };
  fill(rows[0], -1);
  fill(rows[1], 0);
  for (let y = 0; y < ny; y++) {
    const [a, b, c] = [rows[y % 3]!, rows[(y + 1) % 3]!, rows[(y + 2) % 3]!];
    fill(c, y + 1);
    for (let x = 0, i = y * nx; x < nx; x++, i++) out[i] = (a[x]! + 2 * b[x]! + c[x]!) / 16;
    if (bad) for (let x = 0, i = y * nx; x < nx; x++, i++) if (bad[i]) out[i] = -Infinity;
  }
  return out;
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
  const root = (k: number): number => {
    let r = k;
    while (parent[r] !== r) r = parent[r]!;
    for (let i = k; parent[i] !== r;) [parent[i], i] = [r, parent[i]!];
    return r;
  };
  let [from, to] = [0, 0];
  for (let y = 0; y < ny; y++) {
    const first = starts.length;
    const base = y * nx;
    for (let x = 0; x < nx; x++) {
      if (!(smooth[base + x]! > threshold)) continue;
      const start = x;
      while (x + 1 < nx && smooth[base + x + 1]! > threshold) x++;
      const run = starts.length;
      starts.push(base + start);
      ends.push(base + x);
      parent.push(run);
      while (from < to && ends[from]! + nx < base + start - 1) from++;
      for (let k = from; k < to && starts[k]! + nx <= base + x + 1; k++) parent[root(run)] = root(k);
    }
    [from, to] = [first, starts.length];
  }
  const areas = new Int32Array(starts.length);
  for (let k = 0; k < starts.length; k++) areas[root(k)]! += ends[k]! - starts[k]! + 1;
  const patches = new Map<number, { pixels: Int32Array; n: number }>();
  for (let k = 0; k < starts.length; k++) {
    const r = root(k);
    if (areas[r]! < minarea) continue;
    let patch = patches.get(r);
    if (!patch) patches.set(r, (patch = { pixels: new Int32Array(areas[r]!), n: 0 }));
    for (let p = starts[k]!; p <= ends[k]!; p++) patch.pixels[patch.n++] = p;
  }
  return [...patches.values()].map(({ pixels }) => pixels);
}
