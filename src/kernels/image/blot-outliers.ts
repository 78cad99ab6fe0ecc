/** Flags what stands out of a clean picture of the same sky, with allowance for its gradients and with neighbours. */

export interface OutlierPolicy {
  /** Deviations in units of the error: of a hit, and of the pixels beside one. */
  snr: readonly [number, number];
  /** Allowance for both as a part of the largest step to one of the four neighbours in the clean picture. */
  scale: readonly [number, number];
  /** Level that the image has and the clean picture hasn't. */
  level: number;
  /** Flags of pixels that aren't judged, and those given to outliers. */
  bad: number;
  flags: number;
}

const PART = 1;
const HIT = 2;

/**
 * |d − c − level| > scale₂·∂ + snr₂·e, and in the 3 × 3 pixels about it one with |d − c − level| > scale₁·∂ + snr₁·e;
 * ∂: largest of |c − c_neighbour|. What isn't a number is no outlier. Returns how many were flagged.
 */
export function flagOutliersOf(
  image: { nx: number; ny: number; sci: Float32Array; err: Float32Array; dq: Uint32Array },
  clean: Float32Array,
  { snr, scale, level, bad, flags }: OutlierPolicy,
): number {
  const { nx, ny, sci, err, dq } = image;
  /** HIT: beyond the first threshold; PART: beyond the second, part of a hit beside it. */
  const grade = new Uint8Array(nx * ny);
  const least = Math.min(...snr);
  let hits = 0;
  for (let y = 0, i = 0; y < ny; y++)
    for (let x = 0; x < nx; x++, i++) {
      const c = clean[i]!;
      const away = Math.abs(sci[i]! - c - level);
      if (!(away > least * err[i]!) || dq[i]! & bad) continue;
      let step = 0;
      if (x > 0) step = steeper(step, c, clean[i - 1]!);
      if (x + 1 < nx) step = steeper(step, c, clean[i + 1]!);
      if (y > 0) step = steeper(step, c, clean[i - nx]!);
      if (y + 1 < ny) step = steeper(step, c, clean[i + nx]!);
      if (away > scale[1] * step + snr[1] * err[i]!) grade[i] = PART;
      if (away > scale[0] * step + snr[0] * err[i]!) {
        grade[i]! |= HIT;
        hits++;
      }
    }
  if (hits === 0) return 0;
  let count = 0;
  for (let y = 0, i = 0; y < ny; y++)
    for (let x = 0; x < nx; x++, i++) {
      if (!(grade[i]! & PART) || !besideHit(grade, nx, ny, x, y)) continue;
      dq[i]! |= flags;
      count++;
    }
  return count;
}

/** NaN is no step. */
const steeper = (step: number, a: number, b: number): number => {
  const next = Math.abs(a - b);
  return next > step ? next : step;
};

function besideHit(grade: Uint8Array, nx: number, ny: number, x: number, y: number): boolean {
  for (let v = Math.max(0, y - 1); v <= Math.min(ny - 1, y + 1); v++)
    for (let u = Math.max(0, x - 1); u <= Math.min(nx - 1, x + 1); u++)
      if (grade[v * nx + u]! & HIT) return true;
  return false;
}
