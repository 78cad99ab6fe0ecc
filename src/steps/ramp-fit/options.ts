/** What the ways to fit a ramp have in common: their options, the empty product, its units. */
import type { Image, Ramp } from "../../data/kinds.js";
import type { Alloc } from "../../kernels/alloc.js";
import type { Coadd } from "../../kernels/ramp/coadd.js";
import { rawF32, rawU32 } from "../../kernels/raw.js";

/**
 * The ways to fit, and SAMPMODE of what they make: the observatory's words for the samplings; for the weighted fits, which it
 * has no word for, their own names.
 */
export const sampleModes = {
  ...{ utr: "UTR", mcds: "MDS", cds: "CDS" },
  ...{ ols: "OLS", likelihood: "LIKELIHOOD" },
} as const;

export interface FitOptions {
  unit: "electron/s" | "DN/s" | "DN";
  coadd: Coadd | "auto";
  /** One plane per integration instead of their combination. */
  integrations: boolean;
  /** Dark current that was subtracted before [e⁻/s], by pixel or one for all. */
  darks: Float32Array | null;
  dark_current: number;
}

/** Planes of the product, not yet written to. */
export function makeImage(ramp: Ramp, { unit, integrations }: FitOptions, alloc: Alloc): Image {
  const { nx, ny, y0, nints, exposure } = ramp;
  const nz = integrations ? nints : 1;
  const n = nz * nx * ny;
  return {
    ...{ nx, ny, y0, nz, exposure, unit },
    sci: rawF32(alloc, n),
    err: rawF32(alloc, n),
    dq: rawU32(alloc, n),
    varPoisson: rawF32(alloc, n),
    varRnoise: rawF32(alloc, n),
  };
}
