/** Removes the drifts of bias that the reference pixels around an HxRG detector show. */
import * as v from "valibot";
import { planeSize, samples } from "../data/ramp.js";
import { InputError } from "../errors.js";
import { correctFrame, fromDetector, toDetector } from "../kernels/ramp/refpix.js";
import { rawF32, rawU32 } from "../kernels/raw.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

const positive = (otherwise: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), otherwise);

const axis = (value: unknown, otherwise: number): number =>
  typeof value === "number" && [1, 2].includes(Math.abs(value)) ? value : otherwise;

export const refpix = defineStep({
  name: "refpix",
  summary: "Subtract the level of each channel and the drift of each row that the reference pixels show.",
  equation:
    "S' = S − ½(clipped mean of top + of bottom reference rows) by channel and column parity, " +
    "then − running median of the side reference columns",
  input: "ramp",
  output: "ramp",
  locality: "frame",
  status: "S_REFPIX",
  params: v.object({
    channels: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
      v.description("readout channels along the fast axis; 0: the keyword NOUTPUTS, else 64 columns each"),
    ),
    border: v.pipe(positive(4), v.description("rows and columns of reference pixels on each side")),
    odd_even_columns: v.pipe(
      v.optional(v.boolean(), true),
      v.description("treat odd and even columns apart"),
    ),
    use_side_ref_pixels: v.pipe(
      v.optional(v.boolean(), true),
      v.description("follow the drift along the slow axis with the columns at both sides"),
    ),
    side_smoothing_length: v.pipe(positive(11), v.description("rows in the running median at the sides")),
    side_gain: v.pipe(v.optional(v.number(), 1), v.description("factor on the drift at the sides")),
    siglimit: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 3),
      v.description("clipping of reference pixels in σ"),
    ),
  }),
  run(ramp, { params, header, alloc }) {
    const { nx, ny } = ramp;
    const orientation = { fast: axis(header["FASTAXIS"], 1), slow: axis(header["SLOWAXIS"], 2) };
    const dq = rawU32(alloc, planeSize(ramp));
    const size = toDetector(ramp.pixeldq, nx, ny, orientation, dq);
    const outputs = header["NOUTPUTS"];
    const channels =
      params.channels || (typeof outputs === "number" && outputs > 0 ? outputs : Math.ceil(size.nx / 64));
    if (size.nx % channels !== 0 || Math.min(nx, ny) <= 2 * params.border)
      throw new InputError(
        `refpix cannot correct ${nx}×${ny} pixels in ${channels} channels with a border of ${params.border} — ` +
          "the channels must be equally wide and surround light-sensitive pixels",
        { hint: "give -p refpix.channels=N, or leave the step out" },
      );
    const options = {
      border: params.border,
      channels,
      oddEven: params.odd_even_columns,
      side: params.use_side_ref_pixels,
      smoothing: params.side_smoothing_length,
      sideGain: params.side_gain,
      clip: params.siglimit,
    };
    const sci = samples(ramp, alloc);
    const turned = rawF32(alloc, planeSize(ramp));
    for (let at = 0; at < sci.length; at += planeSize(ramp)) {
      const frame = sci.subarray(at, at + planeSize(ramp));
      if (orientation.fast === 1 && orientation.slow === 2) {
        correctFrame(frame, ramp.pixeldq, nx, ny, options);
        continue;
      }
      toDetector(frame, nx, ny, orientation, turned);
      correctFrame(turned, dq, size.nx, size.ny, options);
      fromDetector(frame, nx, ny, orientation, turned);
    }
    return complete(ramp);
  },
});
