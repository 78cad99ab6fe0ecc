/** Where the telescope goes between the exposures of one field. */

/** Offsets of n dithers on a square, row by row, centred on 0, in steps. */
export function ditherPattern(n: number): readonly (readonly [number, number])[] {
  const side = Math.ceil(Math.sqrt(n));
  const middle = (side - 1) / 2;
  return Array.from({ length: n }, (_, i) => [(i % side) - middle, Math.floor(i / side) - middle] as const);
}
