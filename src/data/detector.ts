/** Gain and read noise of each pixel, from references, header or typical values. */
import { DQ } from "./dq.js";
import type { Exposure } from "./exposure.js";
import type { Reference } from "./kinds.js";

/** What a near-infrared detector of the H4RG family has by design, where neither reference nor header says. */
const typical = { gain: 3.04, readNoise: 5 };

/** Gain and read noise of the pixels of a band. */
export interface Detector {
  /** e⁻/DN. */
  gain: (i: number) => number;
  /** Variance of one read [DN²]. */
  noise: (i: number) => number;
  /** Whether every pixel has the same. */
  uniform: boolean;
  /** Flags for pixel `i` of the band whose reference values are no use. */
  flag: (i: number) => number;
  /** What had to be assumed, with a stable code. */
  caveats: { code: string; message: string }[];
}

/**
 * From references where there are any (GAIN in e⁻/DN; READNOISE the noise of the difference of two reads in DN), else
 * from the header (one read's noise in e⁻), else typical values. `quantum` is the DN step of the digitised samples:
 * rounding adds quantum²/12 to the variance of a read.
 */
export function makeDetector(
  gainRef: Reference | null,
  noiseRef: Reference | null,
  exposure: Exposure,
  quantum: number,
): Detector {
  const caveats: Detector["caveats"] = [];
  const digitising = quantum ** 2 / 12;
  const fallback = exposure.gain ?? typical.gain;
  if (!gainRef && exposure.gain === null)
    caveats.push({
      code: "default_gain",
      message: `no GAIN reference or keyword: ${typical.gain} e-/DN taken for every pixel`,
    });
  if (!noiseRef && exposure.readNoise === null)
    caveats.push({
      code: "default_read_noise",
      message: `no READNOISE reference or READNOIS keyword: ${typical.readNoise} e- per read taken for every pixel`,
    });
  const gain = (i: number): number => (gainRef ? gainRef.sci[i]! : fallback);
  const single = exposure.readNoise ?? typical.readNoise;
  const noise = (i: number): number => {
    const cds = noiseRef ? noiseRef.sci[i]! : NaN;
    return (cds >= 0 ? cds ** 2 / 2 : (single / gain(i)) ** 2) + digitising;
  };
  const flag = (i: number): number =>
    (gain(i) > 0 ? 0 : DQ.NO_GAIN_VALUE | DQ.DO_NOT_USE) |
    (noiseRef && !(noiseRef.sci[i]! >= 0) ? DQ.UNRELIABLE_ERROR : 0);
  return { gain, noise, uniform: !gainRef && !noiseRef, flag, caveats };
}
