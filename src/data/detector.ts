/** Gain and read noise of each pixel, from references, header or typical values. */
import { DQ } from "./dq.js";
import { cdsNoise, type NoiseSource } from "../kernels/ramp/rates.js";
import type { Exposure } from "./exposure.js";
import type { Reference } from "./kinds.js";

/** What a near-infrared detector of the H4RG family has by design, where neither reference nor header says. */
const typical = { gain: 3.04, readNoise: 5 };

/** Noise model of the pixels of a band. */
export interface Detector extends NoiseSource {
  /** What had to be assumed, with a stable code. */
  caveats: { code: string; message: string }[];
}

/**
 * From references where there are any (GAIN in e⁻/DN; READNOISE the noise of the difference of two reads in DN), else
 * from the header (one read's noise in e⁻), else typical values. `quantum` is the DN step of the digitised samples:
 * rounding adds quantum²/12 to the variance of a read.
 */
export function makeDetector(
  gain: Reference | null,
  noise: Reference | null,
  exposure: Exposure,
  quantum: number,
): Detector {
  const caveats: Detector["caveats"] = [];
  if (!gain && exposure.gain === null)
    caveats.push({
      code: "default_gain",
      message: `no GAIN reference or keyword: ${typical.gain} e-/DN taken for every pixel`,
    });
  if (!noise && exposure.readNoise === null)
    caveats.push({
      code: "default_read_noise",
      message: `no READNOISE reference or READNOIS keyword: ${typical.readNoise} e- per read taken for every pixel`,
    });
  return {
    gains: gain?.sci ?? null,
    gain: exposure.gain ?? typical.gain,
    noises: noise?.sci ?? null,
    noise: exposure.readNoise ?? typical.readNoise,
    digitising: quantum ** 2 / 12,
    caveats,
  };
}

/** Gain [e⁻/DN] and variance of one read [DN²] of the pixels from `start` on. */
export function fillNoise(
  { gains, gain, noises, noise, digitising }: Detector,
  start: number,
  gainRow: Float64Array,
  varianceRow: Float64Array,
): void {
  for (let x = 0; x < gainRow.length; x++) {
    const g = gains ? gains[start + x]! : gain;
    const cds = noises ? noises[start + x]! : NaN;
    const one = noise / g;
    gainRow[x] = g;
    varianceRow[x] = (cds >= 0 ? (cds * cds) / 2 : one * one) + digitising;
  }
}

/**
 * Gain [e⁻/DN] and noise of the difference of two reads [DN] of all pixels; pixels whose reference values are no use get
 * their flags in `dq`.
 */
export function fillCds(
  detector: Detector,
  gains: Float64Array,
  noises: Float64Array,
  dq: Uint32Array,
): void {
  if (!cdsNoise(gains, noises, detector)) flagUnknown(detector, 0, dq);
}

/** Adds the flags of pixels whose reference values are no use to those of the pixels from `start` on. */
export function flagUnknown({ gains, noises }: Detector, start: number, dq: Uint32Array): void {
  if (gains)
    for (let x = 0; x < dq.length; x++)
      if (!(gains[start + x]! > 0)) dq[x]! |= DQ.NO_GAIN_VALUE | DQ.DO_NOT_USE;
  if (noises)
    for (let x = 0; x < dq.length; x++) if (!(noises[start + x]! >= 0)) dq[x]! |= DQ.UNRELIABLE_ERROR;
}
