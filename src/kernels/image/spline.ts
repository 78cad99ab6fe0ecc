/**
 * Interpolating cubic B-splines on half-sample-symmetric data, "dcba|abcd|dcba" (Unser 1999, IEEE Signal
 * Processing Magazine 16, 22).
 */
import { blendRows, withRows } from "./blend-rows.js";

const POLE = Math.sqrt(3) - 2;

/** Values at `n` places, `stride` apart from `at`, to the coefficients of their spline, in place. */
function toCoefficients(c: Float64Array, at: number, n: number, stride: number): void {
  if (n === 1) return;
  const z = POLE;
  // The mirrored sum Σ z^|k| c[k] over one period of 2n, then closed over all periods. Its last term takes the sum
  // so far for c[0], as scipy's filter does: 1e-5 of the map where the mesh is only four boxes wide.
  let power = z;
  const zn = z ** n;
  const first = c[at]!;
  let sum = first + zn * c[at + (n - 1) * stride]!;
  for (let i = 1; i < n; i++) {
    const mirrored = i === n - 1 ? sum : c[at + (n - 1 - i) * stride]!;
    sum += power * (c[at + i * stride]! + zn * mirrored);
    power *= z;
  }
  c[at] = first + (sum * z) / (1 - zn * zn);
  for (let i = 1; i < n; i++) c[at + i * stride]! += z * c[at + (i - 1) * stride]!;
  c[at + (n - 1) * stride]! *= z / (z - 1);
  for (let i = n - 2; i >= 0; i--) c[at + i * stride] = z * (c[at + (i + 1) * stride]! - c[at + i * stride]!);
  for (let i = 0; i < n; i++) c[at + i * stride]! *= 6;
}

/** For each output place its first coefficient and four weights, mirrored at the ends. */
interface Taps {
  index: Int32Array;
  weight: Float64Array;
}

function tapsOf(count: number, n: number, box: number): Taps {
  const index = new Int32Array(4 * count);
  const weight = new Float64Array(4 * count);
  for (let x = 0; x < count; x++) {
    const u = (x + 0.5) / box - 0.5;
    const start = Math.floor(u);
    const t = u - start;
    const w = [(1 - t) ** 3, 4 - 6 * t * t + 3 * t ** 3, 4 - 6 * (1 - t) ** 2 + 3 * (1 - t) ** 3, t ** 3];
    for (let k = 0; k < 4; k++) {
      index[4 * x + k] = mirror(start - 1 + k, n);
      weight[4 * x + k] = w[k]! / 6;
    }
  }
  return { index, weight };
}

function mirror(i: number, n: number): number {
  const period = ((i % (2 * n)) + 2 * n) % (2 * n);
  return period < n ? period : 2 * n - 1 - period;
}

/**
 * Expands a mesh of box values to pixels: pixel x lies at (x + ½)/box − ½. Never beyond the smallest and largest
 * value of the mesh.
 */
export function expandMesh(
  out: Float32Array,
  mesh: Float64Array,
  mx: number,
  my: number,
  box: number,
  nx: number,
  ny: number,
): void {
  let low = Infinity;
  let high = -Infinity;
  for (const value of mesh) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const c = mesh.slice();
  for (let x = 0; x < mx; x++) toCoefficients(c, x, my, mx);
  for (let y = 0; y < my; y++) toCoefficients(c, y * mx, mx, 1);
  const { index, weight } = tapsOf(ny, my, box);
  withRows(my * nx, out, (wide) => {
    expandRows(wide, c, mx, my, tapsOf(nx, mx, box), nx);
    for (let y = 0; y < ny; y++) {
      const tap = (values: Int32Array | Float64Array, scale: number) =>
        [0, 1, 2, 3].map((k) => values[4 * y + k]! * scale) as [number, number, number, number];
      const row = out.subarray(y * nx, (y + 1) * nx);
      blendRows(row, null, wide, { rows: tap(index, nx), weights: tap(weight, 1), low, high });
    }
  });
}

/** Each row of coefficients at every pixel column. */
function expandRows(
  wide: Float64Array,
  c: Float64Array,
  mx: number,
  my: number,
  { index, weight }: Taps,
  nx: number,
): void {
  for (let y = 0; y < my; y++)
    for (let x = 0; x < nx; x++) {
      let sum = 0;
      for (let k = 4 * x; k < 4 * x + 4; k++) sum += weight[k]! * c[y * mx + index[k]!]!;
      wide[y * nx + x] = sum;
    }
}
