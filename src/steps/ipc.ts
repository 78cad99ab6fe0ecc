/** Undoes the coupling of neighbouring pixels by their capacitance. */
import { DQ } from "../data/dq.js";
import { changeZeroframes, planeSize, samples } from "../data/ramp.js";
import { CalibrationError } from "../errors.js";
import { convolve } from "../kernels/ramp/convolve.js";
import { rawF32 } from "../kernels/raw.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

/** Rows on either side that the largest kernel reaches. */
const reach = 4;

export const ipc = defineStep({
  name: "ipc",
  summary: "Deconvolve inter-pixel capacitance.",
  equation: "S'(y, x) = Σ_jk K_jk S(y − j + c, x − k + c);  reference pixels stay and count as zero",
  input: "ramp",
  output: "ramp",
  locality: "row",
  status: "S_IPC",
  refs: { ipc: { type: "IPC", doc: "deconvolution kernel with odd sides and sum 1", whole: true } },
  halo: () => reach,
  skip: ({ refs }) => (refs.ipc ? undefined : "no IPC reference applies"),
  run(ramp, { refs: { ipc: kernel }, alloc }) {
    const { nx: width, ny: height, name } = kernel;
    if (width % 2 === 0 || height % 2 === 0 || Math.max(width, height) > 2 * reach + 1)
      throw new CalibrationError(
        `ipc cannot use ${name}: its kernel has ${width}×${height} pixels — the sides must be odd and at most ${2 * reach + 1}`,
      );
    const plane = planeSize(ramp);
    const sci = samples(ramp, alloc);
    const border = alloc.u8(plane);
    for (let i = 0; i < plane; i++) border[i] = (ramp.pixeldq[i]! & DQ.REFERENCE_PIXEL) !== 0 ? 1 : 0;
    const scratch = rawF32(alloc, plane);
    const deconvolve = (frame: Float32Array): void =>
      convolve(frame, ramp.nx, border, kernel.sci, width, scratch);
    for (let at = 0; at < sci.length; at += plane) deconvolve(sci.subarray(at, at + plane));
    changeZeroframes(ramp, deconvolve);
    return complete(ramp);
  },
});
