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
 * from the header (one read's noise in e⁻) where that is possible at all, else typical values. `quantum` is the DN step of the digitised samples:
 * rounding adds quantum²/12 to the variance of a read.
 */
export function makeDetector(
  gain: Reference | null,
  noise: Reference | null,
  exposure: Exposure,
  quantum: number,
): Detector {
  const caveats: Detector["caveats"] = [];
  const own = {
    gain: exposure.gain !== null && exposure.gain > 0 ? exposure.gain : null,
    readNoise: exposure.readNoise !== null && exposure.readNoise >= 0 ? exposure.readNoise : null,
  };
  if (!gain && own.gain === null)
    caveats.push({
      code: "default_gain",
      message: `no GAIN reference or ${wanting("GAIN", exposure.gain)}: ${typical.gain} e-/DN taken for every pixel`,
    });
  if (!noise && own.readNoise === null)
    caveats.push({
      code: "default_read_noise",
      message: `no READNOISE reference or ${wanting("READNOIS", exposure.readNoise)}: ${typical.readNoise} e- per read taken for every pixel`,
    });
  return {
    gains: gain?.sci ?? null,
    gain: own.gain ?? typical.gain,
    noises: noise?.sci ?? null,
    noise: own.readNoise ?? typical.readNoise,
    digitising: quantum ** 2 / 12,
    caveats,
  };
}

/** The keyword that isn't there, or whose value is no use. */
const wanting = (keyword: string, value: number | null): string =>
  value === null ? `${keyword} keyword` : `useful ${keyword} keyword (it is ${value})`;

/** Flags of pixels whose reference values are no use. */
export const unknown = { gain: DQ.NO_GAIN_VALUE | DQ.DO_NOT_USE, noise: DQ.UNRELIABLE_ERROR };

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
  if (!cdsNoise(gains, noises, detector)) flagUnknown(detector, dq);
}

function flagUnknown({ gains, noises }: Detector, dq: Uint32Array): void {
  if (gains) for (let x = 0; x < dq.length; x++) if (!(gains[x]! > 0)) dq[x]! |= unknown.gain;
  if (noises) for (let x = 0; x < dq.length; x++) if (!(noises[x]! >= 0)) dq[x]! |= unknown.noise;
}
