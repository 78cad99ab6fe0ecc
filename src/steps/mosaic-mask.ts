/** The objects of a mosaic on one of the exposures that it is made of: it goes deeper than any of them. */
import type { Keywords } from "../data/exposure.js";
import type { Reference } from "../data/kinds.js";
import { StepError } from "../errors.js";
import { maskObjects, type ObjectPolicy } from "../kernels/image/object-mask.js";
import { readWcs } from "../wcs/keywords.js";
import { pixelToSky, skyToPixel } from "../wcs/project.js";
import { OBJECT } from "./object-flag.js";

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
  if (header["S_MOSOBJ"] === "COMPLETE" && dq) {
    const flagged = Uint8Array.from({ length: n }, (_, i) => (dq[i]! & OBJECT ? 1 : 0));
    return { nx, ny, objects: flagged, header };
  }
  const objects = new Uint8Array(n);
  const bad = Uint8Array.from({ length: n }, (_, i) => (sci[i]! - sci[i]! === 0 ? 0 : 1));
  maskObjects(objects, sci.subarray(0, n), bad, nx, ny, policy);
  return { nx, ny, objects, header };
}

/** Sets `mask` to 1 where the mosaic shows an object. Between the two lies an affine map, as far as this matters. */
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
  const place = (x: number, y: number): [number, number] => skyToPixel(other, ...pixelToSky(own, x, y));
  const [x0, y0] = place(0, 0);
  const [x1, y1] = place(nx - 1, 0);
  const [x2, y2] = place(0, ny - 1);
  const across = [(x1 - x0) / Math.max(1, nx - 1), (y1 - y0) / Math.max(1, nx - 1)] as const;
  const up = [(x2 - x0) / Math.max(1, ny - 1), (y2 - y0) / Math.max(1, ny - 1)] as const;
  for (let y = 0, i = 0; y < ny; y++)
    for (let x = 0; x < nx; x++, i++) {
      const u = Math.round(x0 + across[0] * x + up[0] * y);
      const w = Math.round(y0 + across[1] * x + up[1] * y);
      if (u >= 0 && w >= 0 && u < deep.nx && w < deep.ny && deep.objects[w * deep.nx + u]) mask[i] = 1;
    }
}
