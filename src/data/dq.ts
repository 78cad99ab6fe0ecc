/** Data-quality bits (uint32 per pixel; the low 8 bits also per read), shared by JWST, Liger and IRIS. */
export const DQ = {
  GOOD: 0,
  DO_NOT_USE: 1,
  SATURATED: 2,
  JUMP_DET: 4,
  DROPOUT: 8,
  OUTLIER: 16,
  PERSISTENCE: 32,
  AD_FLOOR: 64,
  CHARGELOSS: 128,
  UNRELIABLE_ERROR: 256,
  NON_SCIENCE: 512,
  DEAD: 1024,
  HOT: 2048,
  WARM: 4096,
  LOW_QE: 8192,
  RC: 16384,
  TELEGRAPH: 32768,
  NONLINEAR: 65536,
  BAD_REF_PIXEL: 131072,
  NO_FLAT_FIELD: 262144,
  NO_GAIN_VALUE: 524288,
  NO_LIN_CORR: 1048576,
  NO_SAT_CHECK: 2097152,
  UNRELIABLE_BIAS: 4194304,
  UNRELIABLE_DARK: 8388608,
  UNRELIABLE_SLOPE: 16777216,
  UNRELIABLE_FLAT: 33554432,
  OPEN: 67108864,
  ADJ_OPEN: 134217728,
  FLUX_ESTIMATED: 268435456,
  MSA_FAILED_OPEN: 536870912,
  OTHER_BAD_PIXEL: 1073741824,
  REFERENCE_PIXEL: 2147483648,
} as const;

export type DqName = keyof typeof DQ;

/**
 * The bits that make a pixel bad where the flags of `expression` are let go: names and numbers with + or commas. After a ~
 * it is these that are bad, and no others: "~DO_NOT_USE+DEAD". Null where a word is neither name nor number.
 */
export function badBits(expression: string): number | null {
  const [, not, list] = /^\s*(~?)(.*)$/s.exec(expression)!;
  let bits = 0;
  for (const word of list!.split(/[,+]/).map((each) => each.trim())) {
    if (word === "") continue;
    const bit = /^\d+$/.test(word) ? Number(word) : DQ[word as DqName];
    if (bit === undefined) return null;
    bits |= bit;
  }
  return (not ? bits : ~bits) >>> 0;
}

/** The names of the bits set in `value`, lowest first: 3 → DO_NOT_USE, SATURATED. */
export function namesOf(value: number): DqName[] {
  return (Object.keys(DQ) as DqName[]).filter((name) => (DQ[name] & value) !== 0);
}
