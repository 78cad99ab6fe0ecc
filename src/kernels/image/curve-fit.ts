/** A smooth curve through values at 0, 1, 2 …: Legendre polynomials or cubic B-splines, outliers rejected. */
import { solve } from "./solve.js";

export interface CurvePolicy {
  function: "polynomial" | "spline";
  /** Coefficients of the polynomial (1: a constant), pieces of the spline. */
  order: number;
  /** Values this many standard deviations off the curve are left out. */
  sigma: number;
  /** Passes of rejection. */
  iterations: number;
}

export interface Curve {
  /** The curve at every place. */
  value: Float64Array;
  /** Its variance there, from the scatter of the values about it. */
  variance: Float64Array;
}

const coefficients = ({ function: name, order }: CurvePolicy): number =>
  name === "polynomial" ? order : order + 3;

/** Basis functions at place x of n, into `out`. */
function basis(out: Float64Array, x: number, n: number, policy: CurvePolicy): void {
  const count = coefficients(policy);
  const u = n > 1 ? x / (n - 1) : 0.5;
  if (policy.function === "polynomial") {
    const t = 2 * u - 1;
    out[0] = 1;
    if (count > 1) out[1] = t;
    // (k + 1) P_{k+1} = (2k + 1) t P_k − k P_{k−1}
    for (let k = 1; k + 1 < count; k++) out[k + 1] = ((2 * k + 1) * t * out[k]! - k * out[k - 1]!) / (k + 1);
    return;
  }
  out.fill(0, 0, count);
  const at = u * policy.order;
  const piece = Math.min(Math.floor(at), policy.order - 1);
  const t = at - piece;
  out[piece] = (1 - t) ** 3 / 6;
  out[piece + 1] = (3 * t ** 3 - 6 * t ** 2 + 4) / 6;
  out[piece + 2] = (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6;
  out[piece + 3] = t ** 3 / 6;
}

/**
 * Least squares through the finite values; null when they are fewer than the coefficients, or don't fix them all.
 */
export function fitCurve(values: Float64Array, policy: CurvePolicy): Curve | null {
  const n = values.length;
  const count = coefficients(policy);
  const rows = new Float64Array(n * count);
  for (let x = 0; x < n; x++) basis(rows.subarray(x * count, (x + 1) * count), x, n, policy);
  const used = Uint8Array.from(values, (v) => (v - v === 0 ? 1 : 0));
  const value = new Float64Array(n);
  for (let pass = 0; ; pass++) {
    const normal = normalMatrix(rows, used, count);
    const c = rightSide(rows, values, used, count);
    if (used.reduce((a, b) => a + b, 0) < count || !solve(normal.slice(), c, count)) return null;
    for (let x = 0; x < n; x++) value[x] = dot(rows, x * count, c);
    const scatter = scatterOf(values, value, used, count);
    let rejected = 0;
    for (let x = 0; x < n && pass < policy.iterations; x++)
      if (used[x] && Math.abs(values[x]! - value[x]!) > policy.sigma * scatter) {
        used[x] = 0;
        rejected++;
      }
    if (rejected === 0) return { value, variance: varianceOf(rows, normal, count, scatter * scatter) };
  }
}

function normalMatrix(rows: Float64Array, used: Uint8Array, count: number): Float64Array {
  const a = new Float64Array(count * count);
  for (let x = 0; x < used.length; x++) {
    if (!used[x]) continue;
    for (let i = 0; i < count; i++) {
      const f = rows[x * count + i]!;
      if (f === 0) continue;
      for (let j = 0; j < count; j++) a[i * count + j]! += f * rows[x * count + j]!;
    }
  }
  return a;
}

function rightSide(rows: Float64Array, values: Float64Array, used: Uint8Array, count: number): Float64Array {
  const b = new Float64Array(count);
  for (let x = 0; x < used.length; x++)
    if (used[x]) for (let i = 0; i < count; i++) b[i]! += rows[x * count + i]! * values[x]!;
  return b;
}

function dot(rows: Float64Array, at: number, c: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < c.length; i++) sum += rows[at + i]! * c[i]!;
  return sum;
}

/** Standard deviation about the curve, with as many degrees of freedom as there are values beyond the coefficients. */
function scatterOf(values: Float64Array, curve: Float64Array, used: Uint8Array, count: number): number {
  let squares = 0;
  let n = 0;
  for (let x = 0; x < values.length; x++) {
    if (!used[x]) continue;
    squares += (values[x]! - curve[x]!) ** 2;
    n++;
  }
  return n > count ? Math.sqrt(squares / (n - count)) : 0;
}

/** s²·bᵀ(BᵀB)⁻¹b at every place. */
function varianceOf(rows: Float64Array, normal: Float64Array, count: number, s2: number): Float64Array {
  const inverse = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const unit = new Float64Array(count);
    unit[i] = 1;
    solve(normal.slice(), unit, count);
    inverse.set(unit, i * count);
  }
  return Float64Array.from({ length: rows.length / count }, (_, x) => {
    let sum = 0;
    for (let i = 0; i < count; i++)
      sum += rows[x * count + i]! * dot(rows, x * count, inverse.subarray(i * count, (i + 1) * count));
    return s2 * sum;
  });
}
