/** Combines the estimates of several ramps into one: again a value with its noise factors. */
import type { DetectorRow, EstimateRow } from "./finish.js";
import type { OptimalPlanes } from "./optimal-input.js";
import { bit } from "./segments.js";

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

/**
 * The same for planes [ramps][n] of finished fits: `slope`, `err` and variances of `whole` [n] become those of the combination,
 * times the number of ramps for `sum`. A pixel without any usable ramp stays as it is.
 */
export function coaddPlanes(whole: OptimalPlanes, each: OptimalPlanes, how: Coadd): void {
  const n = whole.slope.length;
  const ramps = each.slope.length / n;
  const scale = how === "sum" ? ramps : 1;
  for (let p = 0; p < n; p++) {
    let [total, slope, varP, varR] = [0, 0, 0, 0];
    for (let at = p; at < each.slope.length; at += n) {
      const variance = each.varP[at]! + each.varR[at]!;
      if ((each.dq[at]! & bit.unusable) !== 0 || Number.isNaN(each.slope[at]!)) continue;
      // without a variance nothing can be said of the weight
      const weight = how !== "ivar" ? 1 : variance > 0 ? 1 / variance : 0;
      total += weight;
      slope += weight * each.slope[at]!;
      varP += weight * weight * each.varP[at]!;
      varR += weight * weight * each.varR[at]!;
    }
    if (total === 0) continue;
    whole.slope[p] = (scale * slope) / total;
    whole.varP[p] = varP * (scale / total) ** 2;
    whole.varR[p] = varR * (scale / total) ** 2;
    whole.err[p] = Math.sqrt(whole.varP[p]! + whole.varR[p]!);
  }
}
