/** Parts of a patch that have peaks of their own, by rising thresholds (Bertin & Arnouts 1996, §6.2). */
import { branchesOf } from "./branches.js";
import { measure } from "./source.js";

export interface Part {
  pixels: Int32Array;
  /** Those above the threshold at which it came apart: they tell its place, the others lie between the parts. */
  core: Int32Array;
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
  if (pixels.length >= 2 * policy.minarea && hasTwoPeaks(pixels, smooth, nx)) {
    const leaves = branchesOf(pixels, smooth, nx, policy);
    if (leaves.length > 1)
      return share(pixels, leaves, smooth, nx, policy.threshold).map((part, k) => ({
        pixels: part,
        core: leaves[k]!,
        merged: true,
      }));
  }
  return [{ pixels, core: pixels, merged: false }];
}

/** Whether more than one pixel of the patch is exceeded by no neighbour; on a plateau the first pixel is the peak. */
function hasTwoPeaks(pixels: Int32Array, smooth: Float32Array, nx: number): boolean {
  let count = 0;
  for (let k = 0; k < pixels.length; k++) {
    const p = pixels[k]!;
    const v = smooth[p]!;
    const x = p % nx;
    const left = x > 0;
    const right = x < nx - 1;
    if (smooth[p - nx]! >= v || smooth[p + nx]! > v) continue;
    if (left && (smooth[p - 1]! >= v || smooth[p - nx - 1]! >= v || smooth[p + nx - 1]! > v)) continue;
    if (right && (smooth[p + 1]! > v || smooth[p - nx + 1]! >= v || smooth[p + nx + 1]! > v)) continue;
    if (++count > 1) return true;
  }
  return false;
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
