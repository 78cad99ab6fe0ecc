/** Numbers on a frame: statistics of a rectangle, values along a line, how often each value occurs. */
import { DQ } from "../data/dq.js";
import { medianOf } from "../kernels/image/select.js";
import type { Frame } from "./draw.js";

/** Columns and rows from 1, both ends included. */
export interface Region {
  x1: number;
  x2: number;
  y1: number;
  y2: number;
}

export interface RegionStats extends Region {
  /** Good pixels. */
  area: number;
  sum: number;
  /** √Σσ²; null without errors. */
  error: number | null;
  mean: number;
  median: number;
  min: number;
  max: number;
  /** Mean per square arcsecond; null where the frame has no coordinates on the sky. */
  surface: number | null;
  /** Of the population: divided by n. */
  variance: number;
  std: number;
}

export const isGood = ({ sci, dq }: Frame, i: number): boolean =>
  sci[i]! - sci[i]! === 0 && !(dq !== null && (dq[i]! & DQ.DO_NOT_USE) !== 0);

/** Of the good pixels; NaN where there is none. `pixelArea`: square arcseconds. */
export function regionStats(frame: Frame, region: Region, pixelArea: number | null = null): RegionStats {
  const { nx, sci, err } = frame;
  const values = new Float64Array((region.x2 - region.x1 + 1) * (region.y2 - region.y1 + 1));
  let [n, sum, variance] = [0, 0, 0];
  for (let y = region.y1 - 1; y < region.y2; y++)
    for (let i = y * nx + region.x1 - 1; i < y * nx + region.x2; i++) {
      if (!isGood(frame, i)) continue;
      values[n++] = sci[i]!;
      sum += sci[i]!;
      if (err) variance += err[i]! * err[i]!;
    }
  const mean = sum / n;
  let [squares, min, max] = [0, Infinity, -Infinity];
  for (let k = 0; k < n; k++) {
    squares += (values[k]! - mean) ** 2;
    min = Math.min(min, values[k]!);
    max = Math.max(max, values[k]!);
  }
  const spread = squares / n;
  return {
    ...region,
    ...{ area: n, sum, error: err ? Math.sqrt(variance) : null, mean, median: medianOf(values, n) },
    surface: pixelArea === null ? null : mean / pixelArea,
    ...{ min: n > 0 ? min : NaN, max: n > 0 ? max : NaN, variance: spread, std: Math.sqrt(spread) },
  };
}

/** From one pixel to another, both counted from 1. */
export interface Cut {
  name: string;
  from: readonly [number, number];
  to: readonly [number, number];
}

export interface CutValues {
  x: number[];
  y: number[];
  /** Pixels from the first. */
  distance: number[];
  /** NaN for a bad pixel. */
  value: number[];
  error: number[] | null;
}

/** The pixels that the line runs through, one for each step along its longer axis. */
export function valuesAlong(frame: Frame, { from, to }: Cut): CutValues {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const steps = Math.max(Math.abs(dx), Math.abs(dy));
  const out: CutValues = { x: [], y: [], distance: [], value: [], error: frame.err ? [] : null };
  for (let k = 0; k <= steps; k++) {
    const x = Math.round(from[0] + (dx * k) / Math.max(1, steps));
    const y = Math.round(from[1] + (dy * k) / Math.max(1, steps));
    const i = (y - 1) * frame.nx + x - 1;
    out.x.push(x);
    out.y.push(y);
    out.distance.push(Math.hypot(x - from[0], y - from[1]));
    out.value.push(isGood(frame, i) ? frame.sci[i]! : NaN);
    out.error?.push(frame.err![i]!);
  }
  return out;
}

export interface Histogram {
  /** Middle of each bin. */
  value: number[];
  count: number[];
}

/** Of the good pixels between two values. */
export function histogramOf(frame: Frame, low: number, high: number, bins = 200): Histogram {
  const count = new Array<number>(bins).fill(0);
  const scale = bins / (high - low);
  for (let i = 0; i < frame.sci.length; i++) {
    const bin = Math.floor((frame.sci[i]! - low) * scale);
    if (bin >= 0 && bin < bins && isGood(frame, i)) count[bin]!++;
  }
  return { value: count.map((_, k) => low + (k + 0.5) / scale), count };
}
