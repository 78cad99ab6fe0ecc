/** Natural cubic splines through the values of boxes, going on beyond the outermost centres: follows a slope to the edge. */
import { blendRows, withRows } from "./blend-rows.js";

/** Second derivatives of the natural spline through `n` equidistant values `stride` apart (tridiagonal, 1 4 1). */
function secondDerivatives(out: Float64Array, y: Float64Array, at: number, n: number, stride: number): void {
  const work = new Float64Array(n);
  out[at] = 0;
  for (let i = 1; i < n - 1; i++) {
    const p = at + i * stride;
    const pivot = 1 / (4 - work[i - 1]!);
    work[i] = pivot;
    const bend = 6 * (y[p + stride]! - 2 * y[p]! + y[p - stride]!);
    out[p] = (bend - out[p - stride]!) * pivot;
  }
  if (n > 1) out[at + (n - 1) * stride] = 0;
  for (let i = n - 2; i > 0; i--) out[at + i * stride]! -= work[i]! * out[at + (i + 1) * stride]!;
}

/** Cell of a place and how far into it; beyond the outermost centres the cubic of the last cell goes on. */
function cellOf(pixel: number, box: number, n: number): { cell: number; t: number } {
  const u = (pixel + 0.5) / box - 0.5;
  const cell = Math.max(0, Math.min(n - 2, Math.floor(u)));
  return { cell, t: n > 1 ? u - cell : 0 };
}

/** Expands a mesh of box values to pixels: pixel x lies at (x + ½)/box − ½. With `from`, subtracts it from that image. */
export function expandNatural(
  out: Float32Array,
  from: Float32Array | null,
  mesh: Float64Array,
  mx: number,
  my: number,
  box: number,
  nx: number,
  ny: number,
): void {
  const bends = new Float64Array(mx * my);
  for (let v = 0; v < my; v++) secondDerivatives(bends, mesh, v * mx, mx, 1);
  withRows(2 * my * nx, out, (all) => {
    const wide = all.subarray(0, my * nx);
    expandColumns(wide, mesh, bends, mx, my, box, nx);
    const wideBends = all.subarray(my * nx);
    for (let x = 0; x < nx; x++) secondDerivatives(wideBends, wide, x, my, nx);
    for (let y = 0; y < ny; y++) {
      const { cell, t } = cellOf(y, box, my);
      const low = cell * nx;
      const high = my > 1 ? low + nx : low;
      const rows = [low, high, my * nx + low, my * nx + high] as const;
      const blend = { rows, weights: weights(t), low: -Infinity, high: Infinity };
      const [first, end] = [y * nx, (y + 1) * nx];
      blendRows(out.subarray(first, end), from && from.subarray(first, end), all, blend);
    }
  });
}

/** Each row of the mesh at every pixel column. */
function expandColumns(
  wide: Float64Array,
  mesh: Float64Array,
  bends: Float64Array,
  mx: number,
  my: number,
  box: number,
  nx: number,
): void {
  for (let x = 0; x < nx; x++) {
    const { cell, t } = cellOf(x, box, mx);
    const [a, b, ca, cb] = weights(t);
    const next = mx > 1 ? 1 : 0;
    for (let v = 0; v < my; v++) {
      const p = v * mx + cell;
      wide[v * nx + x] = a * mesh[p]! + b * mesh[p + next]! + ca * bends[p]! + cb * bends[p + next]!;
    }
  }
}

/** Of the two values and the two second derivatives around a place. */
function weights(t: number): [number, number, number, number] {
  const s = 1 - t;
  return [s, t, (s * s * s - s) / 6, (t * t * t - t) / 6];
}
