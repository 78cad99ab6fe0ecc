/** Spectra of rectangles of a cube: by wavelength where the header has one. */
import type { Keywords } from "../../../data/exposure.js";
import { UsageError } from "../../../errors.js";
import { describeHdu, type FitsFile, type Hdu } from "../../../fits/index.js";
import { planesOf } from "../../../report/draw.js";
import type { Plot } from "../../../report/plot.js";
import { smoothedSpectrum, spectrumOf, type Spectrum } from "../../../report/spectrum.js";
import { LINE_COLORS } from "../../../report/tile.js";
import { channelToWave, readSpectralAxis } from "../../../wcs/index.js";
import { regionOf, smoothingOf, type LookOptions } from "./wishes.js";

export interface CubeSpectrum extends Spectrum {
  /** µm; null where the header has no wavelengths. */
  wave: number[] | null;
  /** The sums as they are plotted. */
  drawn: number[];
}

export function spectraOf(
  file: FitsFile,
  hdu: Hdu,
  header: Keywords,
  size: { nx: number; ny: number },
  { spectrum, smoothSpectrum }: LookOptions,
): CubeSpectrum[] {
  if (spectrum.length > 0 && planesOf(hdu) < 2)
    throw new UsageError(`no spectrum: ${describeHdu(file, hdu)} is one plane`, {
      hint: "name the HDU of the cube: iris look 'FILE[SCI]' --spectrum 10:20,10:20",
    });
  const axis = readSpectralAxis(header);
  const smoothing = smoothingOf(smoothSpectrum, "--smooth-spectrum");
  return spectrum.map((text) => {
    const found = spectrumOf(file, hdu, regionOf(text, size));
    const wave = "none" in axis ? null : found.channel.map((n) => 1e6 * channelToWave(axis, n - 1));
    return { ...found, wave, drawn: smoothedSpectrum(found, smoothing) };
  });
}

export const spectrumPlots = (spectra: readonly CubeSpectrum[], unit: string): Plot[] =>
  spectra.map(({ region: { x1, x2, y1, y2 }, channel, wave, drawn }, k) => ({
    title: `sum of ${String(x1)}:${String(x2)},${String(y1)}:${String(y2)}, ${unit}`,
    xLabel: wave ? "wavelength, um" : "channel",
    x: wave ?? channel,
    y: drawn,
    color: LINE_COLORS[k % LINE_COLORS.length]!,
  }));

/** A line per channel, as the file has it. */
export function spectrumCsv({ channel, wave, sum, error, area }: CubeSpectrum): string {
  const lines = channel.map((n, k) =>
    [n, ...(wave ? [wave[k]!] : []), sum[k]!, ...(error ? [error[k]!] : []), area[k]!]
      .map((value) => (Number.isNaN(value) ? "" : String(value)))
      .join(","),
  );
  const titles = ["channel", ...(wave ? ["wave"] : []), "sum", ...(error ? ["error"] : []), "area"];
  return `# iris look\n${titles.join(",")}\n${lines.join("\n")}\n`;
}
