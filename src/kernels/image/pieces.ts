/** Copies rectangles of one frame to their places in another. */

interface Piece {
  from: { x0: number; y0: number; nx: number; ny: number };
  x0: number;
  y0: number;
}

/**
 * Fills rows y0 … y0 + ny − 1 of a frame of `nx` columns from the rows that `source` holds, [planes][ny][nx]; what no
 * piece covers becomes `empty`. Rows of a piece that the source doesn't hold are an error of the caller's.
 */
export function placePieces<T extends Float32Array | Uint32Array>(
  out: T,
  plane: T,
  source: { nx: number; ny: number; y0: number },
  into: { nx: number; y0: number; ny: number; pieces: readonly Piece[] },
  empty: number,
): T {
  out.fill(empty);
  const planes = out.length / (into.nx * into.ny);
  for (let z = 0; z < planes; z++)
    for (const { from, x0, y0 } of into.pieces)
      for (let y = Math.max(y0, into.y0); y < Math.min(y0 + from.ny, into.y0 + into.ny); y++) {
        const row = from.y0 + y - y0 - source.y0;
        const at = (z * source.ny + row) * source.nx + from.x0;
        out.set(plane.subarray(at, at + from.nx), (z * into.ny + y - into.y0) * into.nx + x0);
      }
  return out;
}
