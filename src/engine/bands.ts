/** How an exposure is cut into bands of rows, and which rows a chain of steps needs to see. */
import type { Exposure } from "../data/exposure.js";
import type { Kind } from "../data/kinds.js";
import type { AnyStep } from "../step/define.js";
import { LEAF_ROWS } from "./hashes.js";

export interface Band {
  y0: number;
  ny: number;
}

/** Bytes of one row of everything that a band keeps in memory at once. */
export interface RowCost {
  kind: Kind;
  nx: number;
  /** Reads of a ramp, planes of a stack: as many as are in memory together. */
  planes: number;
  /** Other exposures and references that are held beside it. */
  companions: number;
}

/** About a third-level cache shared by a few threads: a band of this size still hides the cost of a call per band. */
const COMFORTABLE_BYTES = 8_388_608;

/** Raw sample, decoded sample and flag of each read, or SCI, ERR, DQ and two variances of an image. */
const bytesPerPixel = (cost: RowCost): number =>
  (cost.kind === "ramp" ? cost.planes * 9 + 24 : cost.planes * 24) + cost.companions * 24;

export const bandBytes = (cost: RowCost, rows: number): number => rows * cost.nx * bytesPerPixel(cost);

/**
 * Rows per band: a multiple of the hash leaf, as many as are comfortable and as `mem` (bytes per thread) allows. Rows of
 * a halo are worked on twice: bands are then higher, so that these stay few.
 */
export function bandHeight(cost: RowCost, ny: number, mem: number, halo = 0): number {
  const row = bandBytes(cost, 1);
  const fitting = Math.floor(mem / row) - 2 * halo;
  const wanted = Math.max(COMFORTABLE_BYTES / row, HALO_SHARE * 2 * halo);
  const rows = Math.floor(Math.min(wanted, fitting) / LEAF_ROWS) * LEAF_ROWS;
  return Math.min(Math.max(rows, LEAF_ROWS), 256, Math.max(ny, 1));
}

/** A band has at least so many times the rows of its halo. */
const HALO_SHARE = 4;

export function cutBands(ny: number, height: number): Band[] {
  const bands: Band[] = [];
  for (let y0 = 0; y0 < ny; y0 += height) bands.push({ y0, ny: Math.min(height, ny - y0) });
  return bands;
}

/** Rows that a chain needs beyond those that it gives: each step's own, added up. */
export const haloOf = (
  steps: readonly { step: AnyStep; params: Record<string, unknown> }[],
  exposure: Exposure,
): number => steps.reduce((sum, { step, params }) => sum + (step.halo?.(params, exposure) ?? 0), 0);

/** The rows to read for a band, cut at the edges of the frame: there a halo has nothing to stand for. */
export function withHalo({ y0, ny }: Band, halo: number, frameNy: number): Band {
  const top = Math.max(0, y0 - halo);
  return { y0: top, ny: Math.min(frameNy, y0 + ny + halo) - top };
}
