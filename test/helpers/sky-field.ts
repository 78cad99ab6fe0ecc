/** A dithered field under a sky with structure, and how far from the truth its reduced exposures are. */
import { join } from "node:path";
import { openFits, readImage, writeFits } from "../../src/fits/index.js";
import { normal, uniform } from "./images.js";

const N = 160;
const NOISE = 2;
const SIGMA = 1.6;
const SCALE = 1e-6;
export const SHOTS = 9;

interface Star {
  /** On the sky, in pixels of the undithered frame. */
  x: number;
  y: number;
  /** Its whole light, and the width of its profile, pixels. */
  flux: number;
  sigma: number;
}

export interface Field {
  offsets: readonly (readonly [number, number])[];
  stars: readonly Star[];
  /** Wide and faint: most of their light is below the noise of one exposure. */
  galaxies: readonly Star[];
}

/** `step`: pixels between dithers; `galaxies`: how many. */
export function makeField({ step = 13, galaxies = 0 } = {}): Field {
  const next = uniform(31);
  const place = () => ({ x: -20 + (N + 40) * next(), y: -20 + (N + 40) * next() });
  return {
    offsets: Array.from({ length: SHOTS }, (_, k) => [step * ((k % 3) - 1), step * (Math.floor(k / 3) - 1)]),
    stars: Array.from({ length: 40 }, (_, k) => ({
      ...place(),
      flux: k % 4 === 0 ? 40_000 : 900,
      sigma: SIGMA,
    })),
    galaxies: Array.from({ length: galaxies }, () => ({ ...place(), flux: 5000, sigma: 8 })),
  };
}

/** Structure of the sky in detector coordinates: what a flat leaves of moonlight and fringes. */
const structure = (x: number, y: number): number =>
  6 * Math.sin((2 * Math.PI * x) / 37) * Math.cos((2 * Math.PI * y) / 53) + 0.05 * x;

/** Its light on a pixel `dx`, `dy` from it. */
const lightAt = ({ flux, sigma }: Star, dx: number, dy: number): number =>
  (flux / (2 * Math.PI * sigma ** 2)) * Math.exp(-(dx * dx + dy * dy) / (2 * sigma ** 2));

function addLight(sci: Float32Array, star: Star, [dx, dy]: readonly [number, number]): void {
  const reach = 7.5 * star.sigma;
  const [u, w] = [star.x + dx, star.y + dy];
  for (let j = Math.max(0, Math.ceil(w - reach)); j <= Math.min(N - 1, w + reach); j++)
    for (let i = Math.max(0, Math.ceil(u - reach)); i <= Math.min(N - 1, u + reach); i++)
      sci[j * N + i]! += lightAt(star, i - u, j - w);
}

const card = (keyword: string, value: string | number) => ({ keyword, value });

/** A rate with errors and coordinates. */
function writeRate(path: string, sci: Float32Array, k: number, [dx, dy]: readonly [number, number]): string {
  writeFits(path, [
    {
      cards: [
        card("OBJECT", "FIELD"),
        card("EXPTIME", 30),
        card("DATE-OBS", `2026-01-01T00:${String(10 + k)}:00`),
      ],
    },
    {
      name: "SCI",
      cards: [
        card("BUNIT", "electron/s"),
        card("CTYPE1", "RA---TAN"),
        card("CTYPE2", "DEC--TAN"),
        card("CRPIX1", N / 2 + dx),
        card("CRPIX2", N / 2 + dy),
        card("CRVAL1", 10),
        card("CRVAL2", 0),
        card("CDELT1", -SCALE),
        card("CDELT2", SCALE),
      ],
      shape: [N, N],
      data: sci,
    },
    { name: "ERR", cards: [], shape: [N, N], data: new Float32Array(N * N).fill(NOISE) },
    { name: "DQ", cards: [], shape: [N, N], data: new Uint32Array(N * N) },
  ]);
  return path;
}

/** Sky of exposure `k`: another level each time, one structure. */
function skyOf(k: number): Float32Array {
  const random = normal(100 + k);
  const level = 100 + 12 * Math.sin(k);
  return Float32Array.from(
    { length: N * N },
    (_, i) => level + structure(i % N, Math.floor(i / N)) + NOISE * random(),
  );
}

/** Writes the exposures of the field, f0_cal.fits and so on; their paths. */
export const writeField = (folder: string, field: Field): string[] =>
  field.offsets.map((offset, k) => {
    const sci = skyOf(k);
    for (const star of [...field.stars, ...field.galaxies]) addLight(sci, star, offset);
    return writeRate(join(folder, `f${k}_cal.fits`), sci, k, offset);
  });

/** Writes exposures of empty sky, each with a few stars of its own that one exposure shows. */
export const writeSkies = (folder: string, count: number): string[] =>
  Array.from({ length: count }, (_, k) => {
    const next = uniform(500 + k);
    const sci = skyOf(50 + k);
    for (let n = 0; n < 8; n++)
      addLight(sci, { x: N * next(), y: N * next(), flux: 3000, sigma: SIGMA }, [0, 0]);
    return writeRate(join(folder, `s${k}_cal.fits`), sci, k, [0, 0]);
  });

export function planesOf(path: string): { sci: Float32Array; err: Float32Array; dq: Uint32Array } {
  const file = openFits(path);
  try {
    const plane = (name: string) => readImage(file, file.hdu(name)!).data;
    return {
      sci: plane("SCI") as Float32Array,
      err: plane("ERR") as Float32Array,
      dq: plane("DQ") as Uint32Array,
    };
  } finally {
    file.close();
  }
}

export const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pixels between two circles, cut at the frame's edges. */
function ringOf(x: number, y: number, inner: number, outer: number): number[] {
  const found: number[] = [];
  for (let j = Math.max(0, Math.ceil(y - outer)); j <= Math.min(N - 1, y + outer); j++)
    for (let i = Math.max(0, Math.ceil(x - outer)); i <= Math.min(N - 1, x + outer); i++) {
      const r = Math.hypot(i - x, j - y);
      if (r >= inner && r <= outer) found.push(j * N + i);
    }
  return found;
}

const noiseOf = (err: Float32Array, places: readonly number[]): number =>
  Math.sqrt(places.reduce((sum, i) => sum + err[i]! ** 2, 0));

export interface Judgement {
  /** Residual sky between the stars and galaxies: mean, rms of means over 10 × 10 pixels, pulls. */
  sky: number;
  smooth: number;
  pulls: number;
  /** (flux − truth)/truth of bright and of faint stars that stand alone. */
  bright: number;
  faint: number;
  /** The same over a ring, in units of its error: mean and rms. */
  fluxPull: number;
  fluxPulls: number;
  /** Residual around the galaxies, their own light taken out. */
  around: number;
}

/** Over all exposures; pixels with flags are left out. */
export function judge(paths: readonly string[], { offsets, stars, galaxies }: Field): Judgement {
  const [residuals, pulls, cells, bright, faint, fluxPulls, around] = Array.from(
    { length: 7 },
    (): number[] => [],
  ) as [number[], number[], number[], number[], number[], number[], number[]];
  paths.forEach((path, k) => {
    const { sci, err, dq } = planesOf(path);
    const [dx, dy] = offsets[k]!;
    const far = (from: readonly Star[], x: number, y: number, reach: number): boolean =>
      from.every((star) => Math.hypot(star.x + dx - x, star.y + dy - y) > reach);
    for (let y = 0; y < N; y++)
      for (let x = 0; x < N; x++) {
        const i = y * N + x;
        if (dq[i] !== 0 || !far(stars, x, y, 8)) continue;
        if (far(galaxies, x, y, 40)) {
          residuals.push(sci[i]!);
          pulls.push(sci[i]! / err[i]!);
        } else if (far(galaxies, x, y, 18) && far(stars, x, y, 12)) {
          const own = galaxies.reduce(
            (sum, star) => sum + lightAt(star, x - star.x - dx, y - star.y - dy),
            0,
          );
          around.push(sci[i]! - own);
        }
      }
    // means of 10 × 10 pixels: noise is a tenth there, structure isn't
    for (let y = 5; y < N - 10; y += 10)
      for (let x = 5; x < N - 10; x += 10) {
        if (!far(stars, x + 4.5, y + 4.5, 15) || !far(galaxies, x + 4.5, y + 4.5, 40)) continue;
        const inside = Array.from({ length: 100 }, (_, j) => (y + Math.floor(j / 10)) * N + x + (j % 10));
        if (inside.every((i) => dq[i] === 0)) cells.push(mean(inside.map((i) => sci[i]!)));
      }
    for (const { x, y, flux } of stars) {
      const [u, w] = [x + dx, y + dy];
      const alone = stars.every((other) => other.x === x || Math.hypot(other.x - x, other.y - y) > 18);
      if (!alone || !far(galaxies, u, w, 40) || u < 10 || w < 10 || u > N - 11 || w > N - 11) continue;
      const inside = ringOf(u, w, 0, 7);
      const ring = ringOf(u, w, 9, 14).filter((i) => dq[i] === 0);
      if (inside.some((i) => dq[i] !== 0)) continue;
      const total = inside.reduce((sum, i) => sum + sci[i]!, 0);
      (flux > 10_000 ? bright : faint).push((total - flux) / flux);
      if (ring.length < 100) continue;
      const local = total - inside.length * mean(ring.map((i) => sci[i]!));
      const error = Math.hypot(noiseOf(err, inside), (inside.length / ring.length) * noiseOf(err, ring));
      fluxPulls.push((local - flux) / error);
    }
  });
  return {
    sky: mean(residuals),
    smooth: rms(cells),
    pulls: rms(pulls),
    bright: mean(bright),
    faint: mean(faint),
    fluxPull: mean(fluxPulls),
    fluxPulls: rms(fluxPulls),
    around: mean(around),
  };
}
