/** Noise of the pixels before a weighted fit, and the unit of its product. */
import { simdFor } from "../memory.js";

/** Gain and noise of a detector: by pixel, or one for all. */
export interface NoiseSource {
  /** e⁻/DN. */
  gains: Float32Array | null;
  gain: number;
  /** Noise of the difference of two reads by pixel [DN], or one read's for all [e⁻]. */
  noises: Float32Array | null;
  noise: number;
  /** Variance that digitising adds to a read [DN²]. */
  digitising: number;
}

/**
 * Fills gain [e⁻/DN] and noise of the difference of two reads [DN]; where `noises` is negative or NaN, the noise for all
 * is taken. Tells whether every given gain is positive and every given noise is not negative.
 */
export function cdsNoise(gainOut: Float64Array, noiseOut: Float64Array, source: NoiseSource): boolean {
  const { gains, gain, noises, noise, digitising } = source;
  const simd = simdFor(gainOut, noiseOut);
  if (!simd || !simdFor(gains ?? gainOut, noises ?? gainOut)) return cdsNoisePlain(gainOut, noiseOut, source);
  const [to, from] = [
    [gainOut.byteOffset, noiseOut.byteOffset],
    [gains?.byteOffset ?? 0, noises?.byteOffset ?? 0],
  ];
  return simd.cdsNoise(to[0]!, to[1]!, from[0]!, from[1]!, gainOut.length, gain, noise, digitising) !== 0;
}

export function cdsNoisePlain(
  gainOut: Float64Array,
  noiseOut: Float64Array,
  { gains, gain, noises, noise, digitising }: NoiseSource,
): boolean {
  let known = true;
  for (let i = 0; i < gainOut.length; i++) {
    const g = gains ? gains[i]! : gain;
    const cds = noises ? noises[i]! : NaN;
    const one = noise / g;
    if ((gains && !(g > 0)) || (noises && !(cds >= 0))) known = false;
    gainOut[i] = g;
    noiseOut[i] = Math.sqrt(2 * ((cds >= 0 ? (cds * cds) / 2 : one * one) + digitising));
  }
  return known;
}

/** Planes of a product, all of one length. */
export interface Rates {
  sci: Float32Array;
  err: Float32Array;
  varP: Float32Array;
  varR: Float32Array;
  dq: Uint32Array;
}

/**
 * Multiplies values and errors by `factors`, variances by their squares. A pixel whose gain isn't positive loses its value,
 * and one without a value gets DO_NOT_USE (1).
 */
export function scaleRates(rates: Rates, factors: Float64Array, gain: Float64Array): void {
  const { sci, err, varP, varR, dq } = rates;
  const simd = simdFor(sci, factors);
  const whole = simd && simdFor(err, dq) && simdFor(varP, varR) && simdFor(gain, gain) ? sci.length & ~1 : 0;
  if (whole > 0)
    simd!.scaleRates(...[sci, err, varP, varR, dq, factors, gain].map(({ byteOffset }) => byteOffset), whole);
  scaleRatesPlain(rates, factors, gain, whole);
}

export function scaleRatesPlain(
  { sci, err, varP, varR, dq }: Rates,
  factors: Float64Array,
  gain: Float64Array,
  from: number,
): void {
  for (let i = from; i < sci.length; i++) {
    const factor = factors[i]!;
    const value = gain[i]! > 0 ? sci[i]! : NaN;
    if (value !== value) dq[i]! |= 1;
    sci[i] = value * factor;
    err[i]! *= factor;
    varP[i]! *= factor * factor;
    varR[i]! *= factor * factor;
  }
}
