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

/** Standard normal at place (x, y) (Box and Muller). */
export function normalAt(key: number, x: number, y: number): number {
  const radius = Math.sqrt(-2 * Math.log(unitAt(key, x, y)));
  return radius * Math.cos(2 * Math.PI * unitAt(key ^ 0x5bd1e995, x, y));
}
