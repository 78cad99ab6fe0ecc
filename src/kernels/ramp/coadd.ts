/** Combines the estimates of several ramps into one: again a value with its noise factors. */
import type { DetectorRow, EstimateRow } from "./finish.js";

export type Coadd = "sum" | "mean" | "ivar";

/**
 * Writes the combination of `rows` into `into`; ramps without a value in a pixel are left out there.
 *
 * The value is that of one ramp; for `sum` the noise factors are those of all ramps together, and the mean is to be
 * multiplied by their number: so a pixel that misses one stays comparable. `ivar` weighs by
 * the inverse variance, computed for the mean value of all ramps: weights that knew the single value would favour
 * those that came out low.
 */
export function coaddRows(
  into: EstimateRow,
  rows: readonly EstimateRow[],
  how: Coadd,
  detector: DetectorRow,
): void {
  const all = how === "sum" ? rows.length : 1;
  for (let x = 0; x < into.num.length; x++) {
    let sum = 0;
    let n = 0;
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]!.num[x]! / rows[i]!.den[x]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      n++;
    }
    const flux = Math.max(sum / n, 0) * detector.a[x]! + detector.d[x]!;
    let total = 0;
    let value = 0;
    let cP = 0;
    let cR = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const one = row.num[x]! / row.den[x]!;
      if (Number.isNaN(one)) continue;
      const variance = row.cP[x]! * flux + row.cR[x]! * detector.b[x]!;
      const weight = how === "ivar" && variance > 0 ? 1 / variance : 1;
      total += weight;
      value += weight * one;
      cP += weight * weight * row.cP[x]!;
      cR += weight * weight * row.cR[x]!;
    }
    into.num[x] = n > 0 ? value : NaN;
    into.den[x] = total;
    into.cP[x] = cP * (all / total) ** 2;
    into.cR[x] = cR * (all / total) ** 2;
  }
}
