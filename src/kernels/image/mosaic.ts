/** Combines frames that overlap, moved by whole pixels: one pass of clipping about the median where three or more do. */
import { sortShort } from "./robust.js";
import { clipRun, meanOfRun, medianOfRun, stdOfRun, type ClipPolicy } from "./sigma-clip.js";

type Floats = Float32Array | Float64Array;

/** Rows of a frame, and where their first pixel lies on the mosaic's rows. */
export interface Tile<F extends Floats = Float32Array> {
  nx: number;
  ny: number;
  sci: F;
  err: F | null;
  dq: Uint32Array;
  x: number;
  y: number;
}

export interface MosaicPlanes<F extends Floats = Float32Array> {
  nx: number;
  ny: number;
  sci: F;
  err: F;
  dq: Uint32Array;
  /** How many values each pixel is made of. */
  count: F | Uint32Array;
}

export interface MosaicPolicy {
  method: "mean" | "median";
  /** Scatter: std/√n of the values kept; propagate: √Σe²/n. */
  error: "scatter" | "propagate";
  clip: ClipPolicy | null;
  /** Flags of a pixel that leave it out. */
  bad: number;
  /** Flag where nothing is left. */
  empty: number;
}

/** Frames needed for a clip. */
const ENOUGH = 3;

/** Every pixel of `out` is set; flags are those of the frames used, or of all where none is. */
export function mosaic<F extends Floats>(
  out: MosaicPlanes<F>,
  tiles: readonly Tile<F>[],
  policy: MosaicPolicy,
): void {
  const { nx, ny } = out;
  const values = new Float64Array(tiles.length);
  const sorted = new Float64Array(tiles.length);
  const places = new Int32Array(tiles.length);
  const who = new Int32Array(tiles.length);
  const run = { from: 0, to: 0 };
  for (let y = 0, p = 0; y < ny; y++) {
    const here = tiles.filter((tile) => y >= tile.y && y < tile.y + tile.ny);
    for (let x = 0; x < nx; x++, p++) {
      let n = 0;
      let flags = 0;
      for (let k = 0; k < here.length; k++) {
        const tile = here[k]!;
        const u = x - tile.x;
        if (u < 0 || u >= tile.nx) continue;
        const q = (y - tile.y) * tile.nx + u;
        const value = tile.sci[q]!;
        if (tile.dq[q]! & policy.bad || value - value !== 0) {
          flags |= tile.dq[q]!;
          continue;
        }
        values[n] = value;
        places[n] = q;
        who[n] = k;
        sorted[n++] = value;
      }
      if (n === 0) {
        out.sci[p] = NaN;
        out.err[p] = NaN;
        out.dq[p] = flags | policy.empty;
        out.count[p] = 0;
        continue;
      }
      sortShort(sorted, n);
      run.from = 0;
      run.to = n;
      if (policy.clip && n >= ENOUGH) clipRun(sorted, run, policy.clip);
      const [low, high] = [sorted[run.from]!, sorted[run.to - 1]!];
      const kept = run.to - run.from;
      let variance = 0;
      flags = 0;
      for (let i = 0; i < n; i++) {
        if (values[i]! < low || values[i]! > high) continue;
        const tile = here[who[i]!]!;
        flags |= tile.dq[places[i]!]!;
        const e = tile.err ? tile.err[places[i]!]! : 0;
        variance += e * e;
      }
      out.sci[p] = policy.method === "mean" ? meanOfRun(sorted, run) : medianOfRun(sorted, run);
      out.err[p] =
        policy.error === "propagate" ? Math.sqrt(variance) / kept : stdOfRun(sorted, run) / Math.sqrt(kept);
      out.dq[p] = flags;
      out.count[p] = kept;
    }
  }
}
