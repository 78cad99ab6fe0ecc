/** The wavelength axis of a cube: linear in vacuum wavelength (FITS 4.0 §8.4). */
import type { Keywords } from "../data/exposure.js";

export interface SpectralAxis {
  /** Reference channel, counted from 1 as in the header. */
  crpix: number;
  /** Metres. */
  crval: number;
  cdelt: number;
}

const METRES: Readonly<Record<string, number>> = {
  m: 1,
  mm: 1e-3,
  um: 1e-6,
  micron: 1e-6,
  nm: 1e-9,
  angstrom: 1e-10,
};

/** Axis 3 when it is CTYPE3 = WAVE, else the reason why there is none. */
export function readSpectralAxis(header: Keywords): SpectralAxis | { none: string } {
  const { CTYPE3: type, CRPIX3: crpix = 0, CRVAL3: crval, CDELT3, CD3_3, CUNIT3: unit = "m" } = header;
  if (typeof type !== "string" || type.trim() !== "WAVE")
    return { none: `CTYPE3 = ${JSON.stringify(type ?? null)}: only WAVE is known` };
  const cdelt = CD3_3 ?? CDELT3;
  if (typeof crpix !== "number" || typeof crval !== "number" || typeof cdelt !== "number")
    return { none: "the header has no CRVAL3, CDELT3" };
  const metres = METRES[String(unit).trim().toLowerCase()];
  if (metres === undefined) return { none: `CUNIT3 = ${JSON.stringify(unit)} is no unit of length` };
  return { crpix, crval: crval * metres, cdelt: cdelt * metres };
}

/** Wavelength in metres of channel `z`, counted from 0. */
export const channelToWave = ({ crpix, crval, cdelt }: SpectralAxis, z: number): number =>
  crval + (z - (crpix - 1)) * cdelt;

export const waveToChannel = ({ crpix, crval, cdelt }: SpectralAxis, wave: number): number =>
  (wave - crval) / cdelt + crpix - 1;
