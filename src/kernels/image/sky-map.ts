/** The smooth sky of one or several frames: mesh, holes filled, filtered, expanded by splines. */
import type { SkyClip } from "./box-sky.js";
import { combineFrames, type Planes } from "./combine.js";
import { fillMesh, filterMesh, makeMesh } from "./background-mesh.js";
import { biweightLocation } from "./robust.js";
import { sortFloats } from "./sort.js";
import { expandMesh } from "./spline.js";

export interface SkyPolicy {
  box: number;
  filter: number;
  clip: SkyClip;
}

/**
 * Fills `out.sci` with the sky of a frame and `out.err` with its scatter in the boxes; `out` may be the frame itself.
 * @returns false when no box of the frame has enough good pixels.
 */
export function skyMap(out: Planes, frame: Planes, nx: number, ny: number, policy: SkyPolicy): boolean {
  const { box, filter } = policy;
  const { mx, my, value, rms, good } = makeMesh(frame.sci, frame.dq, nx, ny, box, policy.clip);
  if (!good.includes(1)) return false;
  for (const [plane, mesh] of [
    [out.sci, value],
    [out.err, rms],
  ] as const) {
    fillMesh(mesh, good, mx);
    expandMesh(plane, filterMesh(mesh, mx, my, filter), mx, my, box, nx, ny);
  }
  if (out.dq !== frame.dq) out.dq.set(frame.dq);
  return true;
}

/**
 * Maps of several skies, brought to their mean level, become one in `maps[0]`.
 * @returns how much brighter than the mean each sky was.
 */
export function combineSkies(maps: readonly Planes[]): number[] {
  const levels = maps.map(({ sci }) => {
    const sorted = new Float64Array(sci.length);
    sortFloats(sorted, sci, sci.length);
    return biweightLocation(sorted, sorted.length);
  });
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const scales = levels.map((level) => level / mean);
  maps.forEach(({ sci, err }, k) => {
    for (let i = 0; i < sci.length; i++) {
      sci[i]! /= scales[k]!;
      err[i]! /= scales[k]!;
    }
  });
  if (maps.length > 1)
    combineFrames(maps[0]!, maps, {
      method: "mean",
      clip: true,
      sigmaLow: 4,
      sigmaHigh: 3,
      low: -Infinity,
      high: Infinity,
      maxLow: Infinity,
      maxHigh: Infinity,
      minBatch: 3,
      maxiters: 50,
      variant: "iris",
      error: "measure",
      flags: "and",
      empty: 0,
    });
  return scales;
}
