/** The light of a rectangle of a cube, plane by plane. */
import { DQ } from "../data/dq.js";
import type { FitsFile, Hdu } from "../fits/index.js";
import { channelsOf } from "./draw.js";
import type { Region } from "./measures.js";
import { smooth, type Smoothing } from "./smooth.js";

export interface Spectrum {
  region: Region;
  /** Channels from 1. */
  channel: number[];
  /** Sum of the good pixels; NaN where there is none. */
  sum: number[];
  /** √Σσ²; null without errors. */
  error: number[] | null;
  /** Good pixels. */
  area: number[];
}

/** Reads only the rows of the rectangle. @throws FitsError when the file is short */
export function spectrumOf(file: FitsFile, hdu: Hdu, region: Region): Spectrum {
  const { x1, x2, y1, y2 } = region;
  const spectrum: Spectrum = { region, channel: [], sum: [], error: null, area: [] };
  for (const { nx, sci, err, dq } of channelsOf(file, hdu, y1 - 1, y2 - y1 + 1)) {
    let [sum, variance, area] = [0, 0, 0];
    for (let y = 0; y <= y2 - y1; y++)
      for (let i = y * nx + x1 - 1; i < y * nx + x2; i++) {
        const value = sci[i]!;
        if (value - value !== 0 || (dq && dq[i]! & DQ.DO_NOT_USE)) continue;
        sum += value;
        if (err) variance += err[i]! * err[i]!;
        area++;
      }
    spectrum.channel.push(spectrum.channel.length + 1);
    spectrum.sum.push(area === 0 ? NaN : sum);
    spectrum.area.push(area);
    if (err) (spectrum.error ??= []).push(Math.sqrt(variance));
  }
  return spectrum;
}

/** For the plot: along the channels. */
export function smoothedSpectrum({ sum }: Spectrum, smoothing: Smoothing | null): number[] {
  if (!smoothing) return sum;
  const line = Float32Array.from(sum);
  smooth(line, null, line.length, 1, smoothing);
  return [...line];
}
