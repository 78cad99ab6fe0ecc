/** Natural cubic splines through the values of boxes, going on beyond the outermost centres: follows a slope to the edge. */
import { inMemory, simdFor } from "../memory.js";
import { blendRows, withRows } from "./blend-rows.js";

/** Second derivatives of the natural spline through `n` equidistant values `stride` apart (tridiagonal, 1 4 1). */
function secondDerivatives(out: Float64Array, y: Float64Array, at: number, n: number, stride: number): void {
  const pivots = new Float64Array(n);
  out[at] = 0;
  for (let i = 1; i < n - 1; i++) {
    const p = at + i * stride;
    const pivot = (pivots[i] = 1 / (4 - pivots[i - 1]!));
    const bend = 6 * (y[p + stride]! - 2 * y[p]! + y[p - stride]!);
    out[p] = (bend - out[p - stride]!) * pivot;
  }
  if (n > 1) out[at + (n - 1) * stride] = 0;
  for (let i = n - 2; i > 0; i--) out[at + i * stride]! -= pivots[i]! * out[at + (i + 1) * stride]!;
}

/** Cell of a place and how far into it; beyond the outermost centres the cubic of the last cell goes on. */
function cellOf(pixel: number, box: number, n: number): { cell: number; t: number } {
  const u = (pixel + 0.5) / box - 0.5;
  const cell = Math.max(0, Math.min(n - 2, Math.floor(u)));
  return { cell, t: n > 1 ? u - cell : 0 };
}

/** Of the two values and the two second derivatives around a place. */
function weightsAt(t: number): [number, number, number, number] {
  const s = 1 - t;
  return [s, t, (s * s * s - s) / 6, (t * t * t - t) / 6];
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
  // A spline is linear in its values: the bends along y of what was expanded along x are those of the mesh, expanded.
  const bends = new Float64Array(mx * my);
  for (let u = 0; u < mx; u++) secondDerivatives(bends, mesh, u, my, mx);
  withRows(2 * my * nx, out, (wide) => {
    expandColumns(wide, [mesh, bends], mx, my, box, nx);
    for (let y = 0; y < ny; y++) {
      const { cell, t } = cellOf(y, box, my);
      const low = cell * nx;
      const high = my > 1 ? low + nx : low;
      const rows = [low, high, my * nx + low, my * nx + high] as const;
      const blend = { rows, weights: weightsAt(t), low: -Infinity, high: Infinity };
      const [first, end] = [y * nx, (y + 1) * nx];
      blendRows(out.subarray(first, end), from && from.subarray(first, end), wide, blend);
    }
  });
}

/** Each row of each mesh at every pixel column. */
function expandColumns(
  wide: Float64Array,
  meshes: readonly Float64Array[],
  mx: number,
  my: number,
  box: number,
  nx: number,
): void {
  inMemory((memory) => {
    const columns = { cells: memory.u32(nx), weights: memory.f64(4 * nx) };
    for (let x = 0; x < nx; x++) {
      const { cell, t } = cellOf(x, box, mx);
      columns.cells[x] = cell;
      columns.weights.set(weightsAt(t), 4 * x);
    }
    // One more, as the last cell of a single column has no other end.
    const [values, bends] = [memory.f64(mx + 1), memory.f64(mx + 1)];
    meshes.forEach((mesh, m) => {
      for (let v = 0; v < my; v++) {
        values.set(mesh.subarray(v * mx, (v + 1) * mx));
        secondDerivatives(bends, values, 0, mx, 1);
        const row = (m * my + v) * nx;
        splineRow(wide.subarray(row, row + nx), columns, values, bends);
      }
    });
  });
}

/** Of every place along a row: the cell that it lies in, and the weights of its ends. */
interface Columns {
  cells: Uint32Array;
  weights: Float64Array;
}

/** out[x] = Σ wₖ·(value and next value, bend and next bend of the cell of x). */
export function splineRow(
  out: Float64Array,
  columns: Columns,
  values: Float64Array,
  bends: Float64Array,
): void {
  const { cells, weights } = columns;
  const simd = simdFor(out, cells);
  if (!simd) return splineRowPlain(out, columns, values, bends);
  const places = [out, cells, weights, values, bends].map(({ byteOffset }) => byteOffset);
  simd.splineRow(...places, out.length);
}

export function splineRowPlain(
  out: Float64Array,
  { cells, weights: w }: Columns,
  values: Float64Array,
  bends: Float64Array,
): void {
  for (let x = 0; x < out.length; x++) {
    const p = cells[x]!;
    out[x] =
      w[4 * x]! * values[p]! +
      w[4 * x + 1]! * values[p + 1]! +
      w[4 * x + 2]! * bends[p]! +
      w[4 * x + 3]! * bends[p + 1]!;
  }
}
