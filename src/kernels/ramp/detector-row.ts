/** What the detector makes of a row of estimates, and the flags of the row that comes of it. */
import { simdFor } from "../memory.js";
import type { DetectorRow, OutputRow } from "./finish.js";
import type { NoiseSource } from "./rates.js";

/** From values of one ramp to the product. */
export interface RowUnit {
  /** Values in electrons, or in DN. */
  electrons: boolean;
  /** 1 / time that a value holds [1/s]. */
  perSecond: number;
  /** Ramps that are added up. */
  ramps: number;
  /** Dark current by pixel, or one for all [e⁻/s]. */
  darks: Float32Array | null;
  dark: number;
}

/**
 * Fills the factors of the pixels from `start` on. The variance of one read is half the square of the CDS noise [DN²], or where
 * that is negative or NaN that of the noise for all; digitising adds its own.
 */
export function detectorRow(row: DetectorRow, source: NoiseSource, unit: RowUnit, start: number): void {
  const { m, a, b, d } = row;
  const { gains, gain, noises, noise, digitising } = source;
  const { darks, dark, perSecond, ramps, electrons } = unit;
  const simd = simdFor(m, gains ?? m);
  if (!simd || !simdFor(noises ?? m, darks ?? m)) return detectorRowPlain(row, source, unit, start);
  simd.detectorRow(
    ...[m, a, b, d].map(({ byteOffset }) => byteOffset),
    ...[gains, noises, darks].map((plane) => placeOf(plane, start)),
    ...[m.length, gain, noise, digitising, dark, perSecond, ramps, electrons ? 1 : 0],
  );
}

export function detectorRowPlain(
  { m, a, b, d }: DetectorRow,
  { gains, gain, noises, noise, digitising }: NoiseSource,
  { electrons, perSecond, ramps, darks, dark }: RowUnit,
  start: number,
): void {
  for (let x = 0; x < m.length; x++) {
    const g = gains ? gains[start + x]! : gain;
    const cds = noises ? noises[start + x]! : NaN;
    const one = noise / g;
    const variance = (cds >= 0 ? (cds * cds) / 2 : one * one) + digitising;
    const current = darks ? darks[start + x]! : dark;
    m[x] = electrons ? g * ramps : ramps;
    a[x] = electrons ? perSecond * g : perSecond / g;
    b[x] = electrons ? variance * (g * g) : variance;
    d[x] = electrons ? current : current / (g * g);
  }
}

/** Flags that a row's pixels get for gains that aren't positive, and for noises that are negative or NaN. */
export interface UnknownBits {
  gain: number;
  noise: number;
}

/**
 * dq = flags of the pixel, of its reads without DO_NOT_USE (1), which is about the read only, and of its references, from
 * `start` on. No value without DO_NOT_USE, and none with it.
 */
export function flagRow(
  out: OutputRow,
  dq: Uint32Array,
  pixeldq: Uint32Array,
  flags: Uint8Array | null,
  source: NoiseSource,
  bits: UnknownBits,
  start: number,
): void {
  const { sci, err, varP, varR } = out;
  const { gains, noises } = source;
  const simd = simdFor(sci, dq);
  if (!simd || !simdFor(pixeldq, flags ?? dq) || !simdFor(gains ?? dq, noises ?? dq))
    return flagRowPlain(out, dq, pixeldq, flags, source, bits, start);
  simd.flagRow(
    ...[sci, err, varP, varR, dq].map(({ byteOffset }) => byteOffset),
    ...[placeOf(pixeldq, start), flags?.byteOffset ?? 0],
    ...[gains, noises].map((plane) => placeOf(plane, start)),
    ...[dq.length, bits.gain, bits.noise],
  );
}

export function flagRowPlain(
  { sci, err, varP, varR }: OutputRow,
  dq: Uint32Array,
  pixeldq: Uint32Array,
  flags: Uint8Array | null,
  { gains, noises }: NoiseSource,
  bits: UnknownBits,
  start: number,
): void {
  for (let x = 0; x < dq.length; x++) {
    let flag = pixeldq[start + x]!;
    if (flags) flag |= flags[x]! & ~1;
    if (gains && !(gains[start + x]! > 0)) flag |= bits.gain;
    if (noises && !(noises[start + x]! >= 0)) flag |= bits.noise;
    if (Number.isNaN(sci[x]!) || (flag & 1) !== 0) {
      flag |= 1;
      sci[x] = err[x] = varP[x] = varR[x] = NaN;
    }
    dq[x] = flag;
  }
}

const placeOf = (plane: Float32Array | Uint32Array | null, start: number): number =>
  plane ? plane.byteOffset + 4 * start : 0;
