/** From a row of estimates and their noise factors to its science, error and variance planes. */
import { kernelMemory, simdFor } from "../memory.js";

/** Planes of one row of the product. */
export interface OutputRow {
  sci: Float32Array;
  err: Float32Array;
  varP: Float32Array;
  varR: Float32Array;
}

/** value = num/den, with its variance per photon rate (cP) and per variance of one read (cR). */
export interface EstimateRow {
  num: Float64Array;
  den: Float64Array;
  cP: Float64Array;
  cR: Float64Array;
}

/** What the detector makes of an estimate: factors of each pixel. */
export interface DetectorRow {
  /** Unit of the product per unit of the estimate. */
  m: Float64Array;
  /** Photon variance: cP·(max(value, 0)·a + d). */
  a: Float64Array;
  d: Float64Array;
  /** Read-noise variance: cR·b. */
  b: Float64Array;
}

/**
 * sci = m·num/den, varP = cP·(max(num/den, 0)·a + d), varR = cR·b, err = √(varP + varR), in float64, rounded once.
 *
 * A pixel near zero is different. Half of the noise there makes the rate, and so its own photon variance, too large,
 * and the other half is cut off at zero: the error would be correlated with the value and too large on average. A
 * pixel below 3σ of its read noise takes the mean rate of the pixels within ±3σ around it in its row instead; rows of
 * `width` pixels may be finished together.
 */
export function finishRow(out: OutputRow, estimate: EstimateRow, detector: DetectorRow, width: number): void {
  const simd = simdFor(out.sci, estimate.num);
  const faint = simd
    ? simd.finishRow(
        out.sci.byteOffset,
        out.err.byteOffset,
        out.varP.byteOffset,
        out.varR.byteOffset,
        estimate.num.byteOffset,
        estimate.den.byteOffset,
        estimate.cP.byteOffset,
        estimate.cR.byteOffset,
        detector.m.byteOffset,
        detector.a.byteOffset,
        detector.b.byteOffset,
        detector.d.byteOffset,
        out.sci.length,
        limit,
      ) !== 0
    : finishRowPlain(out, estimate, detector);
  if (faint) settleFaint(out, estimate, detector, width);
}

/** Tells whether any pixel isn't well above its read noise. */
export function finishRowPlain(
  { sci, err, varP, varR }: OutputRow,
  { num, den, cP, cR }: EstimateRow,
  { m, a, b, d }: DetectorRow,
): boolean {
  let faint = false;
  for (let i = 0; i < sci.length; i++) {
    const value = num[i]! / den[i]!;
    const s = value * m[i]!;
    const p = cP[i]! * ((value > 0 ? value : 0) * a[i]! + d[i]!);
    const r = cR[i]! * b[i]!;
    if (!(s > limit * Math.sqrt(r))) faint = true;
    sci[i] = s;
    err[i] = Math.sqrt(p + r);
    varP[i] = p;
    varR[i] = r;
  }
  return faint;
}

/** Columns on either side that take part in the mean rate of faint pixels. */
const reach = 16;
/** How far from zero a pixel is faint, in σ of its read noise. */
const limit = 3;

/** The second half of `finishRow`, for rows in which a pixel is faint. */
function settleFaint(out: OutputRow, estimate: EstimateRow, detector: DetectorRow, width: number): void {
  const simd = simdFor(out.sci, estimate.num);
  if (!simd) return settleFaintPlain(out, estimate, detector, width);
  const memory = kernelMemory();
  const mark = memory.mark();
  simd.settleFaint(
    out.err.byteOffset,
    out.varP.byteOffset,
    estimate.num.byteOffset,
    estimate.den.byteOffset,
    estimate.cP.byteOffset,
    estimate.cR.byteOffset,
    detector.m.byteOffset,
    detector.a.byteOffset,
    detector.b.byteOffset,
    detector.d.byteOffset,
    out.sci.length,
    width,
    limit,
    reach,
    memory.raw(9 * (width + 2 * reach + 1)).byteOffset,
  );
  memory.release(mark);
}

export function settleFaintPlain(
  out: OutputRow,
  estimate: EstimateRow,
  detector: DetectorRow,
  width: number,
): void {
  const { length } = out.sci;
  for (let from = 0; from < length; from += width) {
    const to = Math.min(from + width, length);
    settleRow(cut(out, from, to), cut(estimate, from, to), cut(detector, from, to));
  }
}

const cut = <T extends object>(row: T, from: number, to: number): T =>
  Object.fromEntries(
    Object.entries(row).map(([key, values]) => [key, (values as Float64Array).subarray(from, to)]),
  ) as T;

function settleRow(out: OutputRow, { num, den, cP, cR }: EstimateRow, { m, a, b, d }: DetectorRow): void {
  const n = out.sci.length;
  // faint values with a margin of 0 on both sides; beside them 1 for a faint pixel and 2 for a negative one
  const near = new Float64Array(n + 2 * reach + 1);
  const kinds = new Uint8Array(n + 2 * reach + 1);
  for (let i = 0; i < n; i++) {
    const value = num[i]! / den[i]!;
    const s = value * m[i]!;
    const faint = s * s <= limit * limit * cR[i]! * b[i]!;
    if (faint) near[i + reach + 1] = value;
    kinds[i + reach + 1] = faint ? 1 : s < 0 ? 2 : 0;
  }
  let sum = 0;
  let members = 0;
  for (let i = reach + 1; i < 2 * reach + 1; i++) {
    sum += near[i]!;
    members += kinds[i]! & 1;
  }
  // sums over [i − reach, i + reach], slid along the row
  for (let i = 0; i < n; i++) {
    sum += near[i + 2 * reach + 1]! - near[i]!;
    members += (kinds[i + 2 * reach + 1]! & 1) - (kinds[i]! & 1);
    if (kinds[i + reach + 1] === 0) continue;
    const mean = members > 0 && sum > 0 ? sum / members : 0;
    const p = cP[i]! * (mean * a[i]! + d[i]!);
    out.varP[i] = p;
    out.err[i] = Math.sqrt(p + cR[i]! * b[i]!);
  }
}
