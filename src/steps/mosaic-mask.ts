/** The objects of a mosaic on one of the exposures that it is made of: it goes deeper than any of them. */
import type { Keywords } from "../data/exposure.js";
import type { Reference } from "../data/kinds.js";
import { StepError } from "../errors.js";
import { markNotFinite } from "../kernels/image/marks.js";
import { maskObjects, type ObjectPolicy } from "../kernels/image/object-mask.js";
import { pixelMap, readWcs } from "../wcs/index.js";
import { OBJECT } from "./object-flag.js";
import { shiftOn } from "./whole-pixels.js";

/** What is kept of a mosaic: where its objects are, and where on the sky that is. */
export interface Deep {
  nx: number;
  ny: number;
  /** 1: an object. */
  objects: Uint8Array;
  header: Keywords;
}

/** The objects that `mosaic_objects` has flagged; of a mosaic that it hasn't seen, those that are found now. */
export function takeMosaic({ nx, ny, sci, dq, header }: Reference, policy: ObjectPolicy): Deep {
  const n = nx * ny;
  const objects = new Uint8Array(n);
  if (header["S_MOSOBJ"] === "COMPLETE" && dq)
    for (let i = 0; i < n; i++) objects[i] = dq[i]! & OBJECT ? 1 : 0;
  else {
    const bad = new Uint8Array(n);
    markNotFinite(bad, sci.subarray(0, n));
    maskObjects(objects, sci.subarray(0, n), bad, nx, ny, policy);
  }
  return { nx, ny, objects, header };
}

/**
 * Sets `mask` to 1 where the mosaic shows an object. A mosaic by whole pixels holds the exposure's own, moved: its objects
 * are moved back. On another one places are those of the sky.
 */
export function addMosaicMask(
  mask: Uint8Array,
  { nx, ny }: { nx: number; ny: number },
  header: Keywords,
  deep: Deep,
): void {
  const [own, other] = [readWcs(header), readWcs(deep.header)];
  if ("none" in own || "none" in other)
    throw new StepError(
      `mask_objects: on a mosaic — ${"none" in own ? own.none : "none" in other ? other.none : ""}`,
      {
        hint: "give both coordinates: iris step run assign_wcs FILE",
      },
    );
  const isMoved = deep.header["S_MOSAIC"] === "COMPLETE";
  const shift = isMoved ? shiftOn(other, { wcs: own, nx, ny }) : null;
  const isObject = (u: number, w: number): boolean =>
    u >= 0 && w >= 0 && u < deep.nx && w < deep.ny && deep.objects[w * deep.nx + u] === 1;
  const [xs, ys] = [new Float64Array(nx * STRIP), new Float64Array(nx * STRIP)];
  for (let y0 = 0; y0 < ny; y0 += STRIP) {
    const rows = Math.min(STRIP, ny - y0);
    if (!shift) pixelMap(xs, ys, own, other, nx, { y0, ny: rows });
    for (let i = 0, at = y0 * nx; i < rows * nx; i++, at++) {
      const u = shift ? (at % nx) + shift.x : Math.round(xs[i]!);
      const w = shift ? Math.floor(at / nx) + shift.y : Math.round(ys[i]!);
      if (isObject(u, w)) mask[at] = 1;
    }
  }
}

/** Rows whose places on the sky are computed together. */
const STRIP = 64;
