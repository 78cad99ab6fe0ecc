/** Seeded random numbers: xoshiro128**, ziggurat normals, exact Poisson counts. */

/** A stream of random numbers; equal seeds give equal streams on every machine. */
export interface Random {
  /** 32 uniform bits as an unsigned integer. */
  next(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Poisson count of any mean ≥ 0. */
  poisson(mean: number): number;
}

const LAYERS = 128;
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

/** Edges and heights of the layers under exp(−x²/2) (Marsaglia & Tsang 2000). */
const ziggurat = (() => {
  const x = new Float64Array(LAYERS + 1);
  const f = new Float64Array(LAYERS + 1);
  x[0] = AREA / Math.exp(-0.5 * TAIL * TAIL);
  x[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) {
    const before = x[i - 1]!;
    x[i] = Math.sqrt(-2 * Math.log(AREA / before + Math.exp(-0.5 * before * before)));
  }
  x[LAYERS] = 0;
  for (let i = 0; i <= LAYERS; i++) f[i] = Math.exp(-0.5 * x[i]! * x[i]!);
  return { x, f };
})();

/** ln k! — exact sums below 1024, Stirling's series with three terms above (error < 1e-12). */
const SMALL = new Float64Array(1024);
for (let k = 2; k < SMALL.length; k++) SMALL[k] = SMALL[k - 1]! + Math.log(k);
function logFactorial(k: number): number {
  if (k < SMALL.length) return SMALL[k]!;
  const n = k + 1;
  const inverse = 1 / (n * n);
  const series = (1 / 12 - inverse * (1 / 360 - inverse / 1260)) / n;
  return (n - 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series;
}

/** Mean from which transformed rejection is used; below, inversion by sequential search is exact and quicker. */
const REJECTION = 10;

/** A generator whose state is mixed from the seed words. */
export function generator(...seed: number[]): Random {
  // splitmix32 over the words: any seed, zero too, gives a good state.
  let mixing = 0x2545f491;
  const mixed = (word: number): number => {
    mixing = (mixing ^ word) + 0x9e3779b9;
    let z = mixing;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    mixing = z ^ (z >>> 15);
    return mixing;
  };
  for (const word of seed) mixed(word | 0);
  let a = mixed(1);
  let b = mixed(2);
  let c = mixed(3);
  let d = mixed(4) | 1;

  const next = (): number => {
    const scaled = Math.imul(b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };

  const uniform = (): number => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;

  /** 32 bits are enough where only the rarest counts, one in 10⁹, feel the steps. */
  const unit = (): number => (next() + 0.5) / 4294967296;

  const normal = (): number => {
    const { x, f } = ziggurat;
    for (;;) {
      const bits = next() | 0;
      const layer = bits & (LAYERS - 1);
      // The other 25 bits, signed: the value doesn't depend on the layer's bits.
      const value = (((bits >> 7) + 0.5) / 16777216) * x[layer]!;
      if (Math.abs(value) < x[layer + 1]!) return value;
      if (layer === 0) {
        for (;;) {
          const far = -Math.log(1 - uniform()) / TAIL;
          if (-2 * Math.log(1 - uniform()) > far * far) return value < 0 ? -TAIL - far : TAIL + far;
        }
      }
      if (f[layer]! + uniform() * (f[layer + 1]! - f[layer]!) < Math.exp(-0.5 * value * value)) return value;
    }
  };

  const search = (mean: number): number => {
    let term = Math.exp(-mean);
    let left = unit() - term;
    let k = 0;
    while (left >= 0) {
      k++;
      term *= mean / k;
      left -= term;
      if (term < 1e-300) break;
    }
    return k;
  };

  /** PTRS: transformed rejection with squeeze (Hörmann 1993), exact for mean ≥ 10. */
  const reject = (mean: number): number => {
    const width = 0.931 + 2.53 * Math.sqrt(mean);
    const skew = -0.059 + 0.02483 * width;
    const scale = 1.1239 + 1.1328 / (width - 3.4);
    const inside = 0.9277 - 3.6224 / (width - 2);
    for (;;) {
      const u = unit() - 0.5;
      const v = unit();
      const edge = 0.5 - Math.abs(u);
      const k = Math.floor(((2 * skew) / edge + width) * u + mean + 0.43);
      if (edge >= 0.07 && v <= inside) return k;
      if (k < 0 || (edge < 0.013 && v > edge)) continue;
      const target = k * Math.log(mean) - mean - logFactorial(k);
      if (Math.log((v * scale) / (skew / (edge * edge) + width)) <= target) return k;
    }
  };

  const poisson = (mean: number): number => {
    if (!(mean > 0)) return 0;
    return mean < REJECTION ? search(mean) : reject(mean);
  };

  return { next, uniform, normal, poisson };
}
