/** Growth of a star's light with the radius of the aperture, and the aperture of best signal to noise. */
import { apertureSum, ringValues, type ApertureImage } from "./apertures.js";
import { clipRun, MAD_TO_SIGMA, medianOfRun } from "./sigma-clip.js";
import { medianOf } from "./select.js";

/** Median of the pixels between two radii, clipped at 3σ; NaN where there is none. */
export function ringLevel(image: ApertureImage, x: number, y: number, inner: number, outer: number): number {
  const values = new Float64Array(Math.ceil(2 * outer + 2) ** 2);
  const n = ringValues(values, image, x, y, inner, outer);
  if (n === 0) return NaN;
  const sorted = values.subarray(0, n).sort();
  const run = { from: 0, to: n };
  clipRun(sorted, run, { sigmaLow: 3, sigmaHigh: 3, iterations: 10, center: "median", deviation: "std" });
  return medianOfRun(sorted, run);
}

/** Sum in an aperture over the level in the ring around it. */
export function starSum(
  image: ApertureImage,
  x: number,
  y: number,
  radius: number,
  ring: readonly [number, number],
) {
  const level = ringLevel(image, x, y, ring[0], ring[1]);
  const found = apertureSum(image, x, y, radius);
  return { ...found, sum: found.sum - (level === level ? level * found.area : 0) };
}

export interface Growth {
  radii: number[];
  /** Part of the light within the last radius, median over the stars, and its error. */
  part: number[];
  error: number[];
  stars: number;
}

/** Light of each star within each radius, as a part of that within the last one. Stars without light are left out. */
export function growthCurve(
  image: ApertureImage,
  stars: readonly { x: number; y: number }[],
  radii: readonly number[],
  ring: readonly [number, number],
): Growth | null {
  const curves = stars
    .map(({ x, y }) => {
      const level = ringLevel(image, x, y, ring[0], ring[1]);
      return radii.map((radius) => {
        const { sum, area } = apertureSum({ ...image, err: null }, x, y, radius);
        return sum - (level === level ? level * area : 0);
      });
    })
    .filter((curve) => curve.at(-1)! > 0);
  const n = curves.length;
  if (n === 0) return null;
  const at = radii.map((_, k) => Float64Array.from(curves, (curve) => curve[k]! / curve.at(-1)!));
  const part = at.map((values) => medianOf(values.slice(), n));
  const error = at.map(
    (values, k) =>
      (MAD_TO_SIGMA *
        medianOf(
          values.map((v) => Math.abs(v - part[k]!)),
          n,
        )) /
      Math.sqrt(n),
  );
  return { radii: [...radii], part, error, stars: n };
}

/** Index of the radius with the best signal to noise for a star of `flux`: background `rms` per pixel, `gain` e⁻ per unit. */
export function bestAperture({ radii, part }: Growth, flux: number, rms: number, gain: number): number {
  let [best, most] = [0, -Infinity];
  radii.forEach((radius, k) => {
    const light = flux * part[k]!;
    const snr = light / Math.sqrt(Math.PI * radius * radius * rms * rms + Math.max(0, light) / gain);
    if (snr > most) [best, most] = [k, snr];
  });
  return best;
}
