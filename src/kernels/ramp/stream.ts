/** Sums over the reads of a ramp, made as the reads come: all that a linear sampling needs, whatever their number. */
import type { Sampling, Timing } from "./sampling.js";

/**
 * Σs and Σt·s for the slope, with the newest reads still apart; sums of the first n reads and the last n themselves
 * for differences.
 */
export interface Stream {
  sampling: Sampling;
  pixels: number;
  /** Times of the reads so far [s]. */
  times: number[];
  sum: Float64Array;
  /** Σ t·s, or the sum of the first reads. */
  moment: Float64Array;
  /** The last reads, the oldest first: for the slope those that aren't in the sums yet. */
  last: Float32Array[];
  /** Planes to be used again. */
  spare: Float32Array[];
}

/** Reads that may wait for `settle`; one more is added to the sums at once. */
const MOST_APART = 4;

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
    spare: [],
  };
}

const endsOf = ({ mode, nreads }: Sampling): number => (mode === "cds" ? 1 : nreads);

/** Tells the time of the next read, whose samples then come in parts by `addSamples`. */
export function beginRead(stream: Stream, time: number): void {
  const { sampling, last, pixels, times } = stream;
  const slope = sampling.mode === "utr";
  if (slope && last.length >= MOST_APART) settle(stream);
  const free = !slope && last.length >= endsOf(sampling) ? last.shift() : stream.spare.pop();
  times.push(time);
  last.push(free ?? new Float32Array(new SharedArrayBuffer(4 * pixels)));
}

/**
 * Adds the reads that are still apart to the sums, two at a time: passing over the sums costs ten times as much as
 * taking in a read. For when nothing else is to be done; an odd one stays.
 */
export function settle(stream: Stream): void {
  const { sampling, last, spare, times, sum, moment } = stream;
  if (sampling.mode !== "utr") return;
  while (last.length >= 2) {
    const [ta, tb] = [times[times.length - last.length]!, times[times.length - last.length + 1]!];
    const [a, b] = last.splice(0, 2) as [Float32Array, Float32Array];
    for (let p = 0; p < sum.length; p++) {
      const [x, y] = [a[p]!, b[p]!];
      sum[p]! += x + y;
      moment[p]! += ta * x + tb * y;
    }
    spare.push(a, b);
  }
}

/** Samples of the read begun last, from pixel `start` on [DN]. */
export function addSamples(stream: Stream, samples: Float32Array, start: number): void {
  const { sampling, times, last } = stream;
  last[last.length - 1]!.set(samples, start);
  if (sampling.mode === "utr" || times.length > endsOf(sampling)) return;
  const moment = stream.moment.subarray(start, start + samples.length);
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
  const apart = times.length - last.length;
  for (let p = 0; p < into.length; p++) {
    let s = sum[start + p]!;
    let ts = moment[start + p]!;
    for (let k = 0; k < last.length; k++) {
      const value = last[k]![start + p]!;
      s += value;
      ts += times[apart + k]! * value;
    }
    into[p] = scale * (ts - mean * s);
  }
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
