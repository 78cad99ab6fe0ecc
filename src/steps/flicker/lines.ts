/** What the removals of 1/f noise from reads and from images share: parameters, lines of a frame, frames put together. */
import * as v from "valibot";
import type { Exposure, Keywords } from "../../data/exposure.js";
import { InputError } from "../../errors.js";
import type { FlickerOptions } from "../../kernels/ramp/flicker.js";

export const params = v.object({
  n_sigma: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0)), 2),
    v.description("pixels further above the background than this are sources"),
  ),
  fit_by_channel: v.pipe(
    v.optional(v.boolean(), false),
    v.description("full frames: a level of each readout channel (NOUTPUTS) in each line"),
  ),
});

/** Bytes of planes that are held at once: the frame is gone through as often as that takes. */
const HELD = 400_000_000;

interface Size {
  nx: number;
  ny: number;
}

/** Planes of the next look at the frame, of `count`, of which `done` are known: from, to. */
export function chunkOf(done: number, count: number, { nx, ny }: Size): [number, number] {
  const most = Math.max(1, Math.floor(HELD / (4 * nx * ny)));
  return [done, Math.min(done + most, count)];
}

/** Some planes of some rows of the frame. */
export interface Piece {
  y0: number;
  planes: Float32Array[];
}

/** Plane `k` of the whole frame. */
export function joined(taken: readonly Piece[], k: number, { nx, ny }: Size): Float32Array {
  const frame = new Float32Array(nx * ny);
  for (const { y0, planes } of taken) frame.set(planes[k]!, y0 * nx);
  return frame;
}

const slowAxis = ({ SLOWAXIS: slow }: Keywords): 1 | 2 =>
  typeof slow === "number" && Math.abs(slow) === 1 ? 1 : 2;

/**
 * Which way the lines of a frame run, and into how many parts with a level of their own each falls.
 *
 * @throws InputError when the channels aren't known or not of equal width
 */
export function linesOf(
  step: string,
  { n_sigma, fit_by_channel }: v.InferOutput<typeof params>,
  header: Keywords,
  { subarray }: Exposure,
  { nx, ny }: Size,
): FlickerOptions {
  const slow = slowAxis(header);
  const whole = { nSigma: n_sigma, slow, channels: 1 };
  if (!fit_by_channel || subarray.name !== "FULL") return whole;
  const outputs = header["NOUTPUTS"];
  const length = slow === 2 ? nx : ny;
  if (typeof outputs === "number" && outputs >= 1 && length % outputs === 0)
    return { ...whole, channels: outputs };
  throw new InputError(
    `${step} cannot part lines of ${length} pixels by channel — NOUTPUTS is ${String(outputs ?? "missing")}`,
    { hint: `take whole lines: -s ${step}.fit_by_channel=false` },
  );
}
