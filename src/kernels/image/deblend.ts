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
  const left = new Set<number>();
  for (const p of pixels) if (smooth[p]! > height) left.add(p);
  const groups: Int32Array[] = [];
  for (const start of left) {
    const group = [start];
    left.delete(start);
    for (let k = 0; k < group.length; k++) {
      const x = group[k]! % nx;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          if (x + dx < 0 || x + dx >= nx) continue;
          const q = group[k]! + dy * nx + dx;
          if (left.delete(q)) group.push(q);
        }
    }
    groups.push(Int32Array.from(group).sort());
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
