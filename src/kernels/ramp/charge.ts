/** Charge migration: where a pixel fills up it pushes charge into its neighbours, and both are lost from there on. */
import { bit } from "./segments.js";

/**
 * Every sample above `threshold` whose group isn't flagged DO_NOT_USE alone sets CHARGELOSS|DO_NOT_USE for itself and
 * its four neighbours from that group to the ramp's end. All samples are judged before any is flagged.
 */
export function flagChargeMigration(
  groupdq: Uint8Array,
  sci: Float32Array,
  nx: number,
  ny: number,
  nints: number,
  ngroups: number,
  threshold: number,
): void {
  const n = nx * ny;
  const loss = bit.chargeLoss | bit.unusable;
  const first = new Uint32Array(n);
  for (let i = 0; i < nints; i++) {
    const start = i * ngroups * n;
    first.fill(ngroups);
    for (let g = ngroups - 1; g >= 0; g--)
      for (let p = 0, at = start + g * n; p < n; p++, at++)
        if (sci[at]! > threshold && groupdq[at] !== bit.unusable) first[p] = g;
    for (let p = 0; p < n; p++) {
      if (first[p] === ngroups) continue;
      const x = p % nx;
      const spread = (q: number): void => {
        for (let g = first[p]!; g < ngroups; g++) groupdq[start + g * n + q]! |= loss;
      };
      spread(p);
      if (p >= nx) spread(p - nx);
      if (p + nx < n) spread(p + nx);
      if (x > 0) spread(p - 1);
      if (x + 1 < nx) spread(p + 1);
    }
  }
}
