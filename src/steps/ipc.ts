/** Undoes the coupling of neighbouring pixels by their capacitance. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Border } from "../data/exposure.js";
import type { Ramp, Reference } from "../data/kinds.js";
import { changeZeroframes, planeSize, samples } from "../data/ramp.js";
import { CalibrationError } from "../errors.js";
import type { Alloc } from "../kernels/alloc.js";
import { convolve, type Kernel } from "../kernels/ramp/convolve.js";
import { rawF32 } from "../kernels/raw.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { borderOf } from "./refpix/geometry.js";

export const ipc = defineStep({
  name: "ipc",
  summary: "Deconvolve inter-pixel capacitance.",
  equation: "S'(y, x) = Σ_jk K_jk S(y − j + c, x − k + c);  reference pixels stay and count as zero",
  input: "ramp",
  output: "ramp",
  locality: "row",
  version: 2,
  status: "S_IPC",
  refs: {
    ipc: {
      type: "IPC",
      doc: "deconvolution kernel with odd sides and sum 1, or one for each pixel: (row and column of the kernel, y, x)",
      whole: ({ nz }: { nz: number }) => nz === 1,
      stack: true,
    },
  },
  params: v.object({
    border: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
      v.description("rows and columns of reference pixels on each side; 0: what the instrument has"),
    ),
    reach: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 4),
      v.description("rows on either side that the kernel reaches at most: 4 for one of 9 × 9"),
    ),
  }),
  halo: ({ reach }) => reach,
  skip: ({ refs }) => (refs.ipc ? undefined : "no IPC reference applies"),
  // where the frame ends is all there is to know of it
  prepare: { rows: () => [], take: () => null, make: (_, { size }) => ({ height: size.ny }) },
  run(ramp, { refs, params, prepared, exposure, alloc }) {
    const kernel = kernelOf(refs.ipc, params.reach);
    const plane = planeSize(ramp);
    const sci = samples(ramp, alloc);
    const dark = withoutLight(ramp, borderOf(params, exposure), prepared.height, alloc);
    const scratch = rawF32(alloc, plane);
    const deconvolve = (frame: Float32Array): void => convolve(frame, ramp.nx, dark, kernel, scratch);
    for (let at = 0; at < sci.length; at += plane) deconvolve(sci.subarray(at, at + plane));
    changeZeroframes(ramp, deconvolve);
    return complete(ramp);
  },
});

/** @throws CalibrationError when it has no middle, or is larger than the rows at hand allow. */
function kernelOf({ name, nx, ny, nz, sci, header }: Reference, reach: number): Kernel {
  const [width, height] = nz === 1 ? [nx, ny] : [Number(header["NAXIS3"]), Number(header["NAXIS4"] ?? 0)];
  const what = `ipc cannot use ${name}: its kernel has ${width}×${height} pixels`;
  if (width % 2 !== 1 || height % 2 !== 1)
    throw new CalibrationError(`${what} — the sides must be odd`, {
      hint: "name another: --ref ipc=FILE; see its axes with iris fits info FILE",
    });
  const needed = Math.max(width, height) >> 1;
  if (needed > reach)
    throw new CalibrationError(`${what} — it reaches ${needed} rows, ipc.reach=${reach}`, {
      hint: `let it reach as far: -s ipc.reach=${needed}`,
    });
  return { values: sci, width, height };
}

/** 1 where a pixel is for reference, by its flag or by the border of a frame of `height` rows. */
function withoutLight(
  { nx, ny, y0, pixeldq }: Ramp,
  border: Border | null,
  height: number,
  alloc: Alloc,
): Uint8Array {
  const dark = alloc.u8(nx * ny);
  for (let p = 0; p < dark.length; p++) dark[p] = (pixeldq[p]! & DQ.REFERENCE_PIXEL) !== 0 ? 1 : 0;
  if (!border) return dark;
  const { left, right, bottom, top } = border;
  for (let y = 0; y < ny; y++) {
    const row = dark.subarray(y * nx, (y + 1) * nx);
    if (y0 + y < bottom || y0 + y >= height - top) row.fill(1);
    row.fill(1, 0, left);
    row.fill(1, nx - right);
  }
  return dark;
}
