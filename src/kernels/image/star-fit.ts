/** Fits an elliptical Gaussian on a constant level to a star (Levenberg and Marquardt, equal weights). */
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

/** From the pixels within `half` of (x, y), begun with the rms width `sigma`; null when no such star comes out. */
export function fitStar(frame: Frame, x: number, y: number, half: number, sigma: number): StarFit | null {
  const [px, py, values] = pixelsAround(frame, Math.round(x), Math.round(y), half);
  if (values.length <= PARAMETERS) return null;
  const sorted = Float64Array.from(values).sort();
  const level = sorted[values.length >> 2]!;
  const q = 1 / (2 * sigma * sigma);
  // amplitude, x, y, level, and p, r, s of exp(−(p·u² + r·v² + s·uv))
  let best = Float64Array.of(sorted.at(-1)! - level, x, y, level, q, q, 0);
  let left = residual(best, px, py, values);
  let damping = 1e-3;
  const a = new Float64Array(PARAMETERS * PARAMETERS);
  const b = new Float64Array(PARAMETERS);
  for (let pass = 0; pass < MAX_PASSES && damping < 1e8; pass++) {
    normalEquations(a, b, best, px, py, values);
    for (let k = 0; k < PARAMETERS; k++) a[k * PARAMETERS + k]! *= 1 + damping;
    if (!solve(a, b, PARAMETERS)) return null;
    const next = best.map((value, k) => value + b[k]!);
    const then = residual(next, px, py, values);
    if (!(then < left)) {
      damping *= 10;
      continue;
    }
    const done = left - then < 1e-9 * left;
    [best, left, damping] = [next, then, damping / 10];
    if (done) break;
  }
  return starOf(best, x, y, half);
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

function pixelsAround(
  { nx, ny, sci, bad }: Frame,
  x: number,
  y: number,
  half: number,
): [Float64Array, Float64Array, Float64Array] {
  const most = (2 * half + 1) ** 2;
  const [px, py, values] = [new Float64Array(most), new Float64Array(most), new Float64Array(most)];
  let n = 0;
  for (let j = Math.max(0, y - half); j <= Math.min(ny - 1, y + half); j++)
    for (let i = Math.max(0, x - half); i <= Math.min(nx - 1, x + half); i++) {
      const value = sci[j * nx + i]!;
      if (value - value !== 0 || (bad && bad[j * nx + i] !== 0)) continue;
      px[n] = i;
      py[n] = j;
      values[n++] = value;
    }
  return [px.subarray(0, n), py.subarray(0, n), values.subarray(0, n)];
}

function residual(fit: Float64Array, px: Float64Array, py: Float64Array, values: Float64Array): number {
  const [peak, x, y, level] = [fit[0]!, fit[1]!, fit[2]!, fit[3]!];
  const [p, r, s] = [fit[4]!, fit[5]!, fit[6]!];
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const u = px[i]! - x;
    const v = py[i]! - y;
    const left = values[i]! - level - peak * Math.exp(-(p * u * u + r * v * v + s * u * v));
    sum += left * left;
  }
  return sum;
}

/** JᵀJ and Jᵀ·(values − model). */
function normalEquations(
  a: Float64Array,
  b: Float64Array,
  fit: Float64Array,
  px: Float64Array,
  py: Float64Array,
  values: Float64Array,
): void {
  a.fill(0);
  b.fill(0);
  const slope = new Float64Array(PARAMETERS);
  const [peak, x, y, level] = [fit[0]!, fit[1]!, fit[2]!, fit[3]!];
  const [p, r, s] = [fit[4]!, fit[5]!, fit[6]!];
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
    for (let k = 0; k < PARAMETERS; k++) {
      const d = slope[k]!;
      b[k]! += d * left;
      for (let j = 0; j <= k; j++) a[k * PARAMETERS + j]! += d * slope[j]!;
    }
  }
  for (let k = 0; k < PARAMETERS; k++)
    for (let j = 0; j < k; j++) a[j * PARAMETERS + k] = a[k * PARAMETERS + j]!;
}
