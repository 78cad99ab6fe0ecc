/** The drift of each channel from the reference columns at both sides, each convolved with the channel's own kernel. */
import type { NumberArray } from "../../data/asdf.js";
import type { Exposure } from "../../data/exposure.js";
import type { Ramp, Reference } from "../../data/kinds.js";
import { CalibrationError } from "../../errors.js";
import { convolveRows, makeKernel } from "../../kernels/ramp/sirs.js";
import type { Geometry, RefpixParams } from "./geometry.js";

/** Kernels of `rows` rows for the left and the right reference columns, of each channel: [channels][2][rows]. */
export interface Kernels {
  channels: number;
  rows: number;
  values: Float64Array;
}

/**
 * Kernels of a detector. The reference holds, under the detector's name in lower case, complex weights of the left
 * columns, gamma, and of the right ones, zeta: [channels][frequencies]. @throws CalibrationError
 */
export function kernelsOf(reference: Reference, exposure: Exposure, params: RefpixParams): Kernels {
  const { name, arrays } = reference;
  const detector = exposure.detector.toLowerCase();
  const fail = (why: string): CalibrationError =>
    new CalibrationError(
      `refpix cannot use ${name} for detector ${exposure.detector || "without a name"} — ${why}`,
      {
        hint: "name another with --ref sirskernel=FILE, or follow the drift by medians: -s refpix.refpix_algorithm=median",
      },
    );
  const weightsOf = (of: string): NumberArray => {
    const found = arrays?.get(`${detector}.${of}`);
    if (!found) throw fail(`it has no ${of} of it`);
    if (!found.complex || found.shape.length !== 2)
      throw fail(`${of} isn't complex, by channel and frequency`);
    return found;
  };
  const [gamma, zeta] = [weightsOf("gamma"), weightsOf("zeta")];
  const [channels, frequencies] = gamma.shape as [number, number];
  if (zeta.shape.some((n, k) => n !== gamma.shape[k])) throw fail("gamma and zeta differ in shape");
  const half = params.halfwidth;
  if (half >= frequencies)
    throw fail(`its weights are of ${2 * (frequencies - 1)} rows, too few for halfwidth=${half}`);
  const rows = 2 * half + 1;
  const values = new Float64Array(channels * 2 * rows);
  for (let c = 0; c < channels; c++)
    [gamma, zeta].forEach(({ data }, side) => {
      const weights = data.subarray(2 * frequencies * c, 2 * frequencies * (c + 1));
      values.set(makeKernel(weights, half, params.gaussmooth), (2 * c + side) * rows);
    });
  return { channels, rows, values };
}

/** Where a band lies in its frame of `nx` × `height` pixels. */
type Rows = Pick<Ramp, "nx" | "ny" | "y0">;

/**
 * Subtracts from the rows of a band what the reference columns `sides` [2][length of the slow axis] say, in the order in
 * which the detector is read.
 */
export function subtractTemplates(
  frame: Float32Array,
  { nx, ny, y0 }: Rows,
  height: number,
  sides: Float32Array,
  { channels, rows, values }: Kernels,
  { turned, flipped, backwards }: Geometry,
): void {
  const depth = sides.length / 2;
  const [first, count] = turned ? [0, nx] : [y0, ny];
  const from = backwards ? depth - first - count : first;
  const template = new Float64Array(count);
  const other = new Float64Array(count);
  const length = turned ? height : nx;
  const width = length / channels;
  for (let c = 0; c < channels; c++) {
    const kernel = (side: number) => values.subarray((2 * c + side) * rows, (2 * c + side + 1) * rows);
    convolveRows(sides.subarray(0, depth), kernel(0), from, template);
    convolveRows(sides.subarray(depth), kernel(1), from, other);
    for (let i = 0; i < count; i++) template[i]! += other[i]!;
    if (backwards) template.reverse();
    // the channel's pixels along the fast axis, in the image
    const start = flipped ? length - (c + 1) * width : c * width;
    if (turned)
      for (let y = Math.max(start, y0); y < Math.min(start + width, y0 + ny); y++)
        for (let x = 0, i = (y - y0) * nx; x < nx; x++) frame[i + x]! -= template[x]!;
    else
      for (let y = 0; y < ny; y++)
        for (let x = start, i = y * nx; x < start + width; x++) frame[i + x]! -= template[y]!;
  }
}
