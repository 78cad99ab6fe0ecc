/** Cosmic rays: tracks of charge that arrive between two reads. */
import { generator } from "./random.js";

const STREAM = 0xc05;

/** Charge that one hit leaves in one pixel before read `group` of integration `integration` (both from 0). */
export interface Deposit {
  /** 0-based column and row of the window. */
  x: number;
  y: number;
  integration: number;
  group: number;
  electrons: number;
}

export interface CosmicsOptions {
  /** Events per cm² and second. */
  rate: number;
  /** cm². */
  pixelArea: number;
  seed: number;
  ints: number;
  reads: number;
  tframe: number;
}

/** Every deposit in the pixels of an exposure, ordered by row. */
export function cosmicsIn(
  { nx, ny }: { nx: number; ny: number },
  { rate, pixelArea, seed, ints, reads, tframe }: CosmicsOptions,
): Deposit[] {
  const random = generator(seed, STREAM);
  const deposits: Deposit[] = [];
  const events = random.poisson(rate * nx * ny * pixelArea * ints * reads * tframe);
  for (let event = 0; event < events; event++) {
    const integration = Math.floor(random.uniform() * ints);
    const group = Math.floor(random.uniform() * reads);
    const length = 0.7 - 2.5 * Math.log(1 - random.uniform());
    const angle = 2 * Math.PI * random.uniform();
    // Energy loss has a long tail (Landau): 600 e⁻ per pixel crossed at least.
    const perPixel = 600 * Math.min(40, (1 - random.uniform()) ** -0.7);
    const [x0, y0] = [random.uniform() * nx, random.uniform() * ny];
    const steps = Math.ceil(length * 4);
    const track = new Map<number, number>();
    for (let step = 0; step < steps; step++) {
      const along = ((step + 0.5) / steps) * length;
      const x = Math.floor(x0 + along * Math.cos(angle));
      const y = Math.floor(y0 + along * Math.sin(angle));
      if (x < 0 || x >= nx || y < 0 || y >= ny) continue;
      track.set(y * nx + x, (track.get(y * nx + x) ?? 0) + (perPixel * length) / steps);
    }
    for (const [pixel, electrons] of track)
      deposits.push({
        x: pixel % nx,
        y: Math.floor(pixel / nx),
        integration,
        group,
        electrons: Math.round(electrons),
      });
  }
  return deposits.sort(
    (a, b) => a.y - b.y || a.x - b.x || a.integration - b.integration || a.group - b.group,
  );
}
