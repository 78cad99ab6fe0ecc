/** Weights of the reads by signal-to-noise class (READOUT §14.4; Fixsen et al. 2000, PASP 112, 1350). */

/** Signal-to-noise from which the next class begins, and the exponents of the classes. */
const limits = [5, 10, 20, 50, 100] as const;
const powers = [0, 0.4, 1, 3, 6, 10] as const;

export function classOf(rise: number, sigma: number): number {
  const noise = sigma * sigma + rise;
  const snr = noise <= 0 ? 0 : rise / Math.sqrt(noise);
  let level = 0;
  while (level < limits.length && snr >= limits[level]!) level++;
  return level;
}

const classes = new Map<number, Float64Array>();

/** |k − m|/m to the power of the class, m = (n−1)/2, in float32; the first class weighs all reads alike. */
export function classWeights(level: number, n: number): Float64Array {
  const key = powers.length * n + level;
  let weights = classes.get(key);
  if (!weights) {
    const m = (n - 1) / 2;
    const weight = (k: number): number => Math.fround((Math.abs(k - m) / m) ** powers[level]!);
    classes.set(key, (weights = Float64Array.from({ length: n }, (_, k) => weight(k))));
  }
  return weights;
}

const known = new Map<number, Float64Array>();

/** Slope per group of n ≥ 3 groups, Σ_k w_k·y_k: a row of n weights for each class. */
export function slopeWeights(n: number): Float64Array {
  let table = known.get(n);
  if (!table) known.set(n, (table = makeWeights(n)));
  return table;
}

function makeWeights(n: number): Float64Array {
  const table = new Float64Array(powers.length * n);
  for (let level = 0; level < powers.length; level++) {
    const w = classWeights(level, n);
    let sw = 0;
    let sx = 0;
    let sxx = 0;
    w.forEach((one, k) => {
      sw += one;
      sx += one * k;
      sxx += one * k * k;
    });
    const den = sw * sxx - sx * sx;
    w.forEach((one, k) => (table[level * n + k] = (one * (sw * k - sx)) / den));
  }
  return table;
}

/** Where the weights of n groups begin behind those of 3 to n − 1. */
export const weightsStart = (n: number): number => powers.length * ((n * (n - 1)) / 2 - 3);
