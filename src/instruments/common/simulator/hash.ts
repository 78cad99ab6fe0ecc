/** Numbers that belong to a place: the same for every exposure, window and band that covers it. */

const mix = (h: number): number => {
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
};

/** 32 well-mixed bits from integers; the order of the words matters. */
export function hash(...words: number[]): number {
  let h = 0x9e3779b9;
  for (const word of words) h = mix(h ^ word) + 0x9e3779b9;
  return mix(h) >>> 0;
}

/** 32 bits from a name (FNV-1a). */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Uniform in (0, 1) at place (x, y); `key` tells quantities apart. */
export const unitAt = (key: number, x: number, y: number): number =>
  ((mix(mix(mix(key + 0x9e3779b9) ^ x) ^ Math.imul(y, 0x85ebca6b)) >>> 0) + 0.5) / 4294967296;

const TAIL = 0.02425;

/**
 * The standard normal's value below which a share `p` lies, 0 < p < 1: rational functions of P. J. Acklam, relative
 * error below 1.2e-9.
 */
export function normalQuantile(p: number): number {
  if (p < TAIL) return lowerTail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - TAIL) return -lowerTail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  const above =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const below =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
    1;
  return (above * q) / below;
}

function lowerTail(q: number): number {
  const above =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) *
      q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const below =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q +
    1;
  return above / below;
}

/** Standard normal at place (x, y). */
export const normalAt = (key: number, x: number, y: number): number => normalQuantile(unitAt(key, x, y));
