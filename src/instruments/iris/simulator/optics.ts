/** Filters of the imager, the sky they let through, the point-spread function and the relative response. */
import { UsageError } from "../../../errors.js";
import type { DetectorRows, Window } from "./detector.js";
import { generator } from "../../common/simulator/random.js";
import { hash, hashText, normalAt, unitAt } from "../../common/simulator/hash.js";

/** Arcseconds per pixel. */
export const PIXEL_SCALE = 0.004;
const APERTURE = 30;

export interface Filter {
  /** µm: shortest, central, longest. */
  wave: readonly [number, number, number];
  /** Sky in e⁻/s per pixel. */
  sky: number;
}

export const FILTERS: Readonly<Record<string, Filter>> = {
  Zbb: { wave: [0.83, 0.93, 1.03], sky: 1.5 },
  Ybb: { wave: [0.97, 1.07, 1.17], sky: 2.5 },
  Jbb: { wave: [1.14, 1.27, 1.4], sky: 5 },
  Hbb: { wave: [1.47, 1.64, 1.81], sky: 15 },
  Kbb: { wave: [1.97, 2.19, 2.41], sky: 20 },
  Ks: { wave: [2.0, 2.15, 2.3], sky: 14 },
  KN3: { wave: [2.12, 2.17, 2.22], sky: 2.2 },
};

/** @throws UsageError for a filter without a model. */
export function filterNamed(name: string): Filter {
  const filter = FILTERS[name];
  if (!filter)
    throw new UsageError(`no model of filter "${name}": there are ${Object.keys(FILTERS).join(", ")}`, {
      hint: "iris sim ramp --filter Kbb -o ramp.fits",
    });
  return filter;
}

/** Full width of the diffraction core at half maximum, pixels: 1.03 λ/D, never below two pixels. */
export const coreWidth = (filter: Filter): number =>
  Math.max(2, (1.03 * filter.wave[1] * 1e-6 * 206264.8) / APERTURE / PIXEL_SCALE);

/** Side of the tiles that dust grains are drawn in, and the largest grain. */
const DUST_TILE = 96;
const DUST_RADIUS = 14;

interface Grain {
  x: number;
  y: number;
  radius: number;
  depth: number;
}

/** Dust on the filter: out-of-focus grains whose shadow lies in the window. */
function grainsIn(window: Window, y0: number, ny: number, key: number): Grain[] {
  const grains: Grain[] = [];
  const tile = (v: number) => Math.floor(v / DUST_TILE);
  const [top, bottom] = [tile(window.y + y0 + ny + DUST_RADIUS), tile(window.y + y0 - DUST_RADIUS)];
  for (let ty = bottom; ty <= top; ty++)
    for (let tx = tile(window.x - DUST_RADIUS); tx <= tile(window.x + window.nx + DUST_RADIUS); tx++) {
      const random = generator(key, tx, ty);
      if (random.uniform() < 0.4) continue;
      grains.push({
        x: (tx + random.uniform()) * DUST_TILE,
        y: (ty + random.uniform()) * DUST_TILE,
        radius: 4 + (DUST_RADIUS - 4) * random.uniform(),
        depth: 0.02 + 0.06 * random.uniform(),
      });
    }
  return grains;
}

/**
 * Relative response of rows [y0, y0 + ny) of a window through a filter, [ny][nx]: illumination, dust, the pixels'
 * own sensitivity and defects; 0 for dead and reference pixels. The illumination has waves of 256 pixels that cancel under a
 * shift by half of them: in every window of whole 256s its median is 1, so that a flat divided by its own median is this.
 */
export function responseRows(
  window: Window,
  filter: string,
  rows: Pick<DetectorRows, "response">,
  y0: number,
  ny: number,
): Float32Array {
  const { nx } = window;
  const out = new Float32Array(nx * ny);
  const pixels = hash(hashText(window.detector), hashText("response"));
  const light = hash(hashText(window.detector), hashText(filter), hashText("illumination"));
  const phase = (n: number) => unitAt(light, n, 0);
  const wave = (turns: number, n: number) => Math.cos(2 * Math.PI * (turns + phase(n)));
  for (let row = 0; row < ny; row++) {
    const y = window.y + y0 + row;
    const along = 1 + 0.05 * wave(y / 256, 1);
    for (let col = 0; col < nx; col++) {
      const x = window.x + col;
      const smooth = along + 0.05 * wave(x / 256, 2) + 0.03 * wave((2 * x + y) / 256, 3);
      out[row * nx + col] = smooth * (1 + 0.008 * normalAt(pixels, x, y));
    }
  }
  for (const grain of grainsIn(window, y0, ny, light)) {
    for (let row = 0; row < ny; row++) {
      const dy = window.y + y0 + row - grain.y;
      if (Math.abs(dy) >= grain.radius) continue;
      for (let x = Math.ceil(grain.x - grain.radius); x < grain.x + grain.radius; x++) {
        const col = x - window.x;
        if (col < 0 || col >= nx) continue;
        const r2 = ((x - grain.x) ** 2 + dy * dy) / grain.radius ** 2;
        // A ring: the telescope's obstructed pupil.
        if (r2 < 1) out[row * nx + col]! *= 1 - grain.depth * (r2 < 0.1 ? 0.3 : 1 - r2 ** 4);
      }
    }
  }
  for (let i = 0; i < out.length; i++) out[i]! *= rows.response[i]!;
  return out;
}
