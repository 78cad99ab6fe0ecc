/** Where the reference pixels of a frame are and how it was read, in the image's own orientation. */
import type { Border, Exposure, Keywords } from "../../data/exposure.js";
import { InputError } from "../../errors.js";
import type { RefpixOptions } from "../../kernels/ramp/refpix.js";

export interface RefpixParams {
  channels: number;
  border: number;
  odd_even_columns: boolean;
  use_side_ref_pixels: boolean;
  side_smoothing_length: number;
  side_gain: number;
  siglimit: number;
  refpix_algorithm: "median" | "sirs";
  sigreject: number;
  gaussmooth: number;
  halfwidth: number;
}

/** All four sides are known, some of them are (a window at the detector's edge), or none. */
export function borderOf({ border }: Pick<RefpixParams, "border">, exposure: Exposure): Border | null {
  if (border > 0) return { left: border, right: border, bottom: border, top: border };
  const known = exposure.border;
  return known && Object.values(known).some((width) => width > 0) ? known : null;
}

export const isClosed = (border: Border): boolean => Object.values(border).every((width) => width > 0);

/** How the drift along the slow axis is followed; null: not at all. */
export function followingOf(params: RefpixParams, border: Border): RefpixParams["refpix_algorithm"] | null {
  return params.use_side_ref_pixels && isClosed(border) ? params.refpix_algorithm : null;
}

export interface Geometry {
  options: RefpixOptions;
  /** The channels run along y: FASTAXIS = ±2. */
  turned: boolean;
  /** Pixels along the fast axis count from the other end. */
  flipped: boolean;
  /** Lines along the slow axis count from the other end. */
  backwards: boolean;
}

const axis = (value: unknown, otherwise: number): number =>
  typeof value === "number" && [1, 2].includes(Math.abs(value)) ? value : otherwise;

/** @throws InputError when the frame can't be divided into equal channels */
export function geometryOf(
  params: RefpixParams,
  border: Border,
  { nx, ny }: { nx: number; ny: number },
  header: Keywords,
): Geometry {
  const fast = axis(header["FASTAXIS"], 1);
  const turned = Math.abs(fast) === 2;
  const length = turned ? ny : nx;
  const outputs = header["NOUTPUTS"];
  const stated = typeof outputs === "number" && outputs > 0 ? outputs : Math.ceil(length / 64);
  const channels = isClosed(border) ? params.channels || stated : 1;
  if (length % channels !== 0 || Math.min(nx, ny) <= 2 * border.left)
    throw new InputError(
      `refpix cannot correct ${nx}×${ny} pixels in ${channels} channels with a border of ${border.left} — ` +
        "the channels must be equally wide and surround light-sensitive pixels",
      { hint: "give -s refpix.channels=N, or leave the step out: --skip refpix" },
    );
  return {
    options: {
      border: border.left,
      channels,
      oddEven: params.odd_even_columns,
      smoothing: params.side_smoothing_length,
      sideGain: params.side_gain,
      clip: params.siglimit,
    },
    turned,
    flipped: fast < 0,
    backwards: axis(header["SLOWAXIS"], 1) < 0,
  };
}
