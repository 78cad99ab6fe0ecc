/** Fits an elliptical Gaussian on a constant level to a star (Levenberg and Marquardt, equal weights). */
import type { Alloc } from "../alloc.js";
import { inMemory, simdFor } from "../memory.js";
import { solve } from "./solve.js";

export interface StarFit {
  x: number;
  y: number;
  peak: number;
  level: number;
  /** Full widths at half maximum along the axes, pixels, the larger first. */
  major: number;
  minor: number;
}

const FWHM = 2 * Math.sqrt(2 * Math.LN2);
const PARAMETERS = 7;
const MAX_PASSES = 60;

interface Frame {
  nx: number;
  ny: number;
  sci: Float32Array;
  bad: Uint8Array | null;
}

/** The pixels of a star and where they lie. */
interface Pixels {
  px: Float64Array;
  py: Float64Array;
  values: Float64Array;
}

/** From the pixels within `half` of (x, y), begun with the rms width `sigma`; null when no such star comes out. */
export function fitStar(frame: Frame, x: number, y: number, half: number, sigma: number): StarFit | null {
  return inMemory((memory) => {
    const pixels = pixelsAround(frame, Math.round(x), Math.round(y), half, memory);
    const fit = pixels.values.length > PARAMETERS ? fitPixels(pixels, x, y, sigma, memory) : null;
    return fit && starOf(fit, x, y, half);
  });
}

/** Amplitude, x, y, level, and p, r, s of exp(−(p·u² + r·v² + s·uv)); null where they aren't fixed. */
function fitPixels(pixels: Pixels, x: number, y: number, sigma: number, alloc: Alloc): Float64Array | null {
  const { values } = pixels;
  const sorted = Float64Array.from(values).sort();
  const level = sorted[values.length >> 2]!;
  const q = 1 / (2 * sigma * sigma);
  let [best, next] = [makeFit(alloc), makeFit(alloc)];
  best.parameters.set([sorted.at(-1)! - level, x, y, level, q, q, 0]);
  let left = normalEquations(best, pixels);
  let damping = 1e-3;
  for (let pass = 0; pass < MAX_PASSES && damping < 1e8; pass++) {
    const a = best.a.slice();
    const step = best.b.slice();
    for (let k = 0; k < PARAMETERS; k++) a[k * PARAMETERS + k]! *= 1 + damping;
    if (!solve(a, step, PARAMETERS)) return null;
    for (let k = 0; k < PARAMETERS; k++) next.parameters[k] = best.parameters[k]! + step[k]!;
    const then = normalEquations(next, pixels);
    if (!(then < left)) {
      damping *= 10;
      continue;
    }
    const done = left - then < 1e-9 * left;
    [best, next] = [next, best];
    [left, damping] = [then, damping / 10];
    if (done) break;
  }
  return best.parameters;
}

function starOf(fit: Float64Array, x: number, y: number, half: number): StarFit | null {
  const [peak, fx, fy, level] = [fit[0]!, fit[1]!, fit[2]!, fit[3]!];
  const [p, r, s] = [fit[4]!, fit[5]!, fit[6]!];
  const middle = (p + r) / 2;
  const spread = Math.hypot((p - r) / 2, s / 2);
  if (!(peak > 0) || !(middle - spread > 0) || Math.hypot(fx - x, fy - y) > half / 2) return null;
  const width = (k: number): number => FWHM / Math.sqrt(2 * k);
  return { x: fx, y: fy, peak, level, major: width(middle - spread), minor: width(middle + spread) };
}

function pixelsAround({ nx, ny, sci, bad }: Frame, x: number, y: number, half: number, alloc: Alloc): Pixels {
  const most = (2 * half + 1) ** 2;
  const [px, py, values] = [alloc.f64(most), alloc.f64(most), alloc.f64(most)];
  let n = 0;
  for (let j = Math.max(0, y - half); j <= Math.min(ny - 1, y + half); j++)
    for (let i = Math.max(0, x - half); i <= Math.min(nx - 1, x + half); i++) {
      const value = sci[j * nx + i]!;
      if (value - value !== 0 || (bad && bad[j * nx + i] !== 0)) continue;
      px[n] = i;
      py[n] = j;
      values[n++] = value;
    }
  return { px: px.subarray(0, n), py: py.subarray(0, n), values: values.subarray(0, n) };
}

/** Parameters with the normal equations that they give: JᵀJ and Jᵀ·(values − model). */
export interface Fit {
  parameters: Float64Array;
  a: Float64Array;
  b: Float64Array;
  /** Room for the derivatives of one pixel. */
  slope: Float64Array;
}

export const makeFit = (alloc: Alloc): Fit => ({
  parameters: alloc.f64(PARAMETERS),
  a: alloc.f64(PARAMETERS * PARAMETERS),
  b: alloc.f64(PARAMETERS),
  slope: alloc.f64(PARAMETERS),
});

/** Returns the sum of the squares of what is left. */
export function normalEquations(fit: Fit, pixels: Pixels): number {
  const { parameters, a, b, slope } = fit;
  const { px, py, values } = pixels;
  const simd = simdFor(a, values);
  if (!simd) return normalEquationsPlain(fit, pixels);
  const places = [a, b, slope, parameters, px, py, values].map(({ byteOffset }) => byteOffset);
  return simd.starEquations(...places, values.length);
}

export function normalEquationsPlain({ parameters, a, b, slope }: Fit, { px, py, values }: Pixels): number {
  a.fill(0);
  b.fill(0);
  const [peak, x, y, level] = [parameters[0]!, parameters[1]!, parameters[2]!, parameters[3]!];
  const [p, r, s] = [parameters[4]!, parameters[5]!, parameters[6]!];
  let squares = 0;
  slope[3] = 1;
  for (let i = 0; i < values.length; i++) {
    const u = px[i]! - x;
    const v = py[i]! - y;
    const shape = Math.exp(-(p * u * u + r * v * v + s * u * v));
    const light = peak * shape;
    slope[0] = shape;
    slope[1] = light * (2 * p * u + s * v);
    slope[2] = light * (2 * r * v + s * u);
    slope[4] = -light * u * u;
    slope[5] = -light * v * v;
    slope[6] = -light * u * v;
    const left = values[i]! - level - light;
    squares += left * left;
    for (let k = 0; k < PARAMETERS; k++) {
      const d = slope[k]!;
      b[k]! += d * left;
      for (let j = 0; j <= k; j++) a[k * PARAMETERS + j]! += d * slope[j]!;
    }
  }
  for (let k = 0; k < PARAMETERS; k++)
    for (let j = 0; j < k; j++) a[j * PARAMETERS + k] = a[k * PARAMETERS + j]!;
  return squares;
}
