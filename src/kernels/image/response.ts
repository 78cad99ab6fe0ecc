/** The lamp's spectrum in a flat of a spectrograph: what is left after dividing by it are the pixels and the slit. */
import { fitCurve } from "./curve-fit.js";
import { medianOf } from "./select.js";

export interface ResponsePolicy {
  /** Does the wavelength run along x? */
  alongX: boolean;
  /** Pieces of the spline through the logarithm of the spectrum. */
  pieces: number;
  sigma: number;
  iterations: number;
  /** Lines across the slit that have at least this part of the typical line's light are used. */
  lit: number;
}

interface Frame {
  sci: Float32Array;
  dq: Uint32Array;
  nx: number;
  ny: number;
}

/** The light at each place along the dispersion, smoothed; NaN beyond the places with light. Null: too few of them. */
export function lampSpectrum(frame: Frame, policy: ResponsePolicy): Float64Array | null {
  const { nx, ny } = frame;
  const { alongX, lit } = policy;
  const [length, lines] = alongX ? [nx, ny] : [ny, nx];
  const [step, stride] = alongX ? [1, nx] : [nx, 1];
  const scratch = new Float64Array(Math.max(nx, ny));
  const light = Float64Array.from({ length: lines }, (_, j) =>
    median(frame, scratch, j * stride, step, length),
  );
  const finite = light.filter((v) => v - v === 0);
  const typical = medianOf(finite.slice(), finite.length);
  const used = Array.from(light.keys()).filter((j) => light[j]! >= lit * typical);
  const log = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    let n = 0;
    for (const j of used) {
      const at = j * stride + i * step;
      const v = frame.sci[at]!;
      if (frame.dq[at] === 0 && v - v === 0) scratch[n++] = v;
    }
    const v = medianOf(scratch, n);
    log[i] = v > 0 ? Math.log(v) : NaN;
  }
  const { pieces, sigma, iterations } = policy;
  const curve = fitCurve(log, { function: "spline", order: pieces, sigma, iterations });
  return curve && curve.value.map((v, i) => (log[i] === log[i] ? Math.exp(v) : NaN));
}

function median({ sci, dq }: Frame, scratch: Float64Array, at: number, step: number, length: number): number {
  let n = 0;
  for (let i = 0; i < length; i++) {
    const v = sci[at + i * step]!;
    if (dq[at + i * step] === 0 && v - v === 0) scratch[n++] = v;
  }
  return medianOf(scratch, n);
}

/** Divides every pixel of `plane` by the spectrum at its place, or its square. */
export function divideSpectrum(
  plane: Float32Array,
  spectrum: Float64Array,
  nx: number,
  alongX: boolean,
  power: 1 | 2,
): void {
  for (let i = 0; i < plane.length; i++) {
    const s = spectrum[alongX ? i % nx : Math.floor(i / nx)]!;
    plane[i]! /= power === 1 ? s : s * s;
  }
}
