/** Sums over the reads of a ramp, made as the reads come: all that a linear sampling needs, whatever their number. */
import type { Sampling, Timing } from "./sampling.js";

/** Σs and Σt·s for the slope; sums of the first n reads and the last n themselves for differences. */
export interface Stream {
  sampling: Sampling;
  pixels: number;
  /** Times of the reads so far [s]. */
  times: number[];
  sum: Float64Array;
  /** Σ t·s, or the sum of the first reads. */
  moment: Float64Array;
  /** The last reads, the oldest first; empty for the slope. */
  last: Float32Array[];
}

/** Seen by every thread that takes part in the end. */
const sharedF64 = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * length));

export function makeStream(sampling: Sampling, pixels: number): Stream {
  const slope = sampling.mode === "utr";
  return {
    sampling,
    pixels,
    times: [],
    sum: sharedF64(slope ? pixels : 0),
    moment: sharedF64(pixels),
    last: [],
  };
}

const endsOf = ({ mode, nreads }: Sampling): number => (mode === "cds" ? 1 : nreads);

/** Tells the time of the next read, whose samples then come in parts by `addSamples`. */
export function beginRead(stream: Stream, time: number): void {
  const { sampling, last, pixels, times } = stream;
  times.push(time);
  if (sampling.mode === "utr") return;
  const oldest =
    last.length >= endsOf(sampling) ? last.shift()! : new Float32Array(new SharedArrayBuffer(4 * pixels));
  last.push(oldest);
}

/** Samples of the read begun last, from pixel `start` on [DN]. */
export function addSamples(stream: Stream, samples: Float32Array, start: number): void {
  const { sampling, times, last } = stream;
  const sum = stream.sum.subarray(start, start + samples.length);
  const moment = stream.moment.subarray(start, start + samples.length);
  const time = times[times.length - 1]!;
  if (sampling.mode === "utr") {
    for (let p = 0; p < samples.length; p++) {
      const s = samples[p]!;
      sum[p]! += s;
      moment[p]! += time * s;
    }
    return;
  }
  last[last.length - 1]!.set(samples, start);
  if (times.length > endsOf(sampling)) return;
  for (let p = 0; p < samples.length; p++) moment[p]! += samples[p]!;
}

/**
 * Σ w_k s_k of the pixels from `start` on, with the weights that `design` gives for reads at `timing`.
 * NaN where a read was no number.
 */
export function sampledRows(into: Float64Array, stream: Stream, timing: Timing, start: number): void {
  const { sampling, sum, moment, last, times } = stream;
  if (sampling.mode !== "utr") {
    for (let p = 0; p < into.length; p++) {
      let end = 0;
      for (const plane of last) end += plane[start + p]!;
      into[p] = end - moment[start + p]!;
    }
    return;
  }
  // weights 2·(x − x̄) with x = t/step for even spacing, else x = t
  const mean = times.reduce((a, b) => a + b, 0) / times.length;
  const scale = timing.even > 0 ? 2 / timing.even : 2;
  for (let p = 0; p < into.length; p++) into[p] = scale * (moment[start + p]! - mean * sum[start + p]!);
}

/** Whether the reads summed are those of the timing, to within jitter of the clock. */
export function matchesTiming({ times, sampling }: Stream, timing: Timing): boolean {
  const sorted = [...times].sort((a, b) => a - b);
  const inOrder = sampling.mode === "utr" || sorted.every((time, k) => time === times[k]);
  return (
    inOrder &&
    sorted.length === timing.times.length &&
    sorted.every((time, k) => Math.abs(time - timing.times[k]!) <= 0.01 * timing.tframe)
  );
}
