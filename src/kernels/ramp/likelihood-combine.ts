/** One rate of the integrations of a pixel. */
import type { LikelihoodPlanes } from "./likelihood-input.js";
import type { Work } from "./likelihood-solve.js";

/** §15.6: integrations weighted by the inverse variance that they would have at the common rate. */
export function combine(work: Work, whole: LikelihoodPlanes, p: number): void {
  const { rate, err, varP, varR, chisq } = work;
  const nints = rate.length;
  if (nints === 1) {
    whole.slope[p] = rate[0]!;
    whole.err[p] = err[0]!;
    whole.varP[p] = varP[0]!;
    whole.varR[p] = varR[0]!;
    whole.chisq[p] = chisq[0]!;
    return;
  }
  const finiteRates = rate.filter((value) => value === value).sort();
  const m = finiteRates.length;
  let slope = m === 0 ? NaN : (finiteRates[(m - 1) >> 1]! + finiteRates[m >> 1]!) / 2;
  let [sumP, sumR] = [0, 0];
  for (let round = 0; round < 2; round++) {
    let [total, value] = [0, 0];
    sumP = sumR = 0;
    for (let i = 0; i < nints; i++) {
      if (!(rate[i] === rate[i])) continue;
      const ratio = slope / rate[i]!;
      const scaled = varP[i]! * (Number.isFinite(ratio) && ratio >= 0 ? ratio : 0);
      const weight = 1 / (scaled + varR[i]!);
      total += weight;
      value += weight * rate[i]!;
      sumP += weight * weight * scaled;
      sumR += weight * weight * varR[i]!;
    }
    slope = value / total;
    sumP /= total * total;
    sumR /= total * total;
  }
  whole.slope[p] = slope;
  whole.varP[p] = sumP;
  whole.varR[p] = sumR;
  whole.err[p] = Math.sqrt(sumP + sumR);
  whole.chisq[p] = chisq.reduce((a, b) => a + b, 0);
}
