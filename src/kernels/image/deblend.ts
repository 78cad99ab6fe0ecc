/** Parts of a patch that have peaks of their own, by rising thresholds (Bertin & Arnouts 1996, §6.2). */
import { measure } from "./source.js";

export interface Part {
  pixels: Int32Array;
  /** One of several parts of a patch. */
  merged: boolean;
}

interface Policy {
  threshold: number;
  minarea: number;
  levels: number;
  contrast: number;
}

/** One part when nothing comes apart. */
export function deblend(pixels: Int32Array, smooth: Float32Array, nx: number, policy: Policy): Part[] {
  const whole = [{ pixels, merged: false }];
  const { minarea, levels, contrast, threshold } = policy;
  if (pixels.length < 2 * minarea || peaks(pixels, smooth, nx) < 2) return whole;
  let [flux, peak] = [0, 0];
  for (const p of pixels) {
    flux += smooth[p]!;
    peak = Math.max(peak, smooth[p]!);
  }
  const leaves: Int32Array[] = [];
  const heightAt = (level: number): number => threshold * (peak / threshold) ** (level / levels);
  /** Whether nothing in this branch came apart; what did is in `leaves`. */
  const climb = (branch: Int32Array, level: number): boolean => {
    if (level >= levels || branch.length < minarea || peaks(branch, smooth, nx) < 2) return true;
    const height = heightAt(level);
    const sons = islands(branch, smooth, nx, height).filter((son) => son.length >= minarea);
    const single = sons.map((son) => climb(son, level + 1));
    const strong = sons.map((son) => excess(son, smooth, height) > flux * contrast);
    if (strong.filter(Boolean).length < 2) return single.every(Boolean);
    sons.forEach((son, k) => single[k] && strong[k] && leaves.push(son));
    return false;
  };
  if (climb(pixels, 1) || leaves.length < 2) return whole;
  return share(pixels, leaves, smooth, nx, threshold).map((part) => ({ pixels: part, merged: true }));
}

/** Pixels of the patch that no neighbour in it exceeds. */
function peaks(pixels: Int32Array, smooth: Float32Array, nx: number): number {
  let count = 0;
  for (const p of pixels) {
    const v = smooth[p]!;
    const x = p % nx;
    let top = true;
    for (let dy = -1; dy <= 1 && top; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        if ((dx === 0 && dy === 0) || x + dx < 0 || x + dx >= nx) continue;
        const q = p + dy * nx + dx;
        const other = smooth[q];
        // On a plateau the first pixel is the peak.
        if (other !== undefined && (other > v || (other === v && q < p))) {
          top = false;
          break;
        }
      }
    if (top) count++;
  }
  return count;
}

const excess = (pixels: Int32Array, smooth: Float32Array, height: number): number => {
  let sum = 0;
  for (const p of pixels) sum += smooth[p]! - height;
  return sum;
};

/** 8-connected groups of the pixels above `height`, each in row order. */
function islands(pixels: Int32Array, smooth: Float32Array, nx: number, height: number): Int32Array[] {
  // A map of the box around the pixels, one wider on every side: 1 for a pixel that no group has yet.
  let [x0, x1] = [Infinity, -Infinity];
  for (let i = 0; i < pixels.length; i++) {
    const x = pixels[i]! % nx;
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
  }
  const y0 = Math.floor(pixels[0]! / nx);
  const width = x1 - x0 + 3;
  const rows = Math.floor(pixels.at(-1)! / nx) - y0 + 3;
  const left = new Uint8Array(width * rows);
  const placeOf = (p: number): number => (Math.floor(p / nx) - y0 + 1) * width + (p % nx) - x0 + 1;
  for (let i = 0; i < pixels.length; i++) if (smooth[pixels[i]!]! > height) left[placeOf(pixels[i]!)] = 1;
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  const groups: Int32Array[] = [];
  for (let i = 0; i < pixels.length; i++) {
    const start = placeOf(pixels[i]!);
    if (left[start] === 0) continue;
    const group = [start];
    left[start] = 0;
    for (let k = 0; k < group.length; k++)
      for (const step of around) {
        const next = group[k]! + step;
        if (left[next] === 0) continue;
        left[next] = 0;
        group.push(next);
      }
    const pixelOf = (place: number): number =>
      (Math.floor(place / width) - 1 + y0) * nx + (place % width) - 1 + x0;
    groups.push(Int32Array.from(group, pixelOf).sort());
  }
  return groups;
}

/** Amplitude of a Gaussian that the pixels above a threshold belong to, at most this times the peak. */
const MOST = 4;

/** Gives the pixels between the leaves to the leaf whose Gaussian profile is brightest there. */
function share(
  pixels: Int32Array,
  leaves: readonly Int32Array[],
  smooth: Float32Array,
  nx: number,
  threshold: number,
): Int32Array[] {
  const image = { nx, ny: Infinity, sci: smooth };
  const profiles = leaves.map((leaf) => {
    const source = measure(leaf, image, smooth, threshold, true);
    const distance = leaf.length / (2 * Math.PI * source.a * source.b);
    const amplitude = distance < 70 ? threshold * Math.exp(distance) : Infinity;
    return { ...source, amplitude: Math.min(amplitude, MOST * source.cpeak) };
  });
  const owner = new Map<number, number>();
  leaves.forEach((leaf, k) => leaf.forEach((p) => owner.set(p, k)));
  const parts: number[][] = leaves.map(() => []);
  for (const p of pixels) {
    let best = owner.get(p);
    if (best === undefined) {
      const y = Math.floor(p / nx);
      const x = p - y * nx;
      // Compared as logarithms: far out the profiles themselves are all zero.
      let brightest = -Infinity;
      profiles.forEach(({ x: cx, y: cy, cxx, cyy, cxy, amplitude }, k) => {
        const [u, v] = [x - cx, y - cy];
        const light = Math.log(amplitude) - (cxx * u * u + cyy * v * v + cxy * u * v) / 2;
        if (light > brightest) [brightest, best] = [light, k];
      });
    }
    parts[best!]!.push(p);
  }
  return parts.map((part) => Int32Array.from(part));
}
