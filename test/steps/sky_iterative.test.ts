import { join } from "node:path";
import test from "ava";
import { openFits, readImage, writeFits } from "../../src/fits/index.js";
import { DQ } from "../../src/data/dq.js";
import { runningSky } from "../../src/kernels/image/running-sky.js";
import { folder, layer, reduce, request } from "../engine/helpers.js";
import { normal, uniform } from "../helpers/images.js";

const N = 160;
const NOISE = 2;
const SIGMA = 1.6;
const SHOTS = 9;
const SCALE = 1e-6;

/** Stars of the field on the sky, in pixels of the undithered frame, with their whole flux. */
const next = uniform(31);
const stars = Array.from({ length: 40 }, (_, k) => ({
  x: -20 + (N + 40) * next(),
  y: -20 + (N + 40) * next(),
  flux: k % 4 === 0 ? 40_000 : 900,
}));

/** Structure of the sky in detector coordinates: what a flat leaves of moonlight and fringes. */
const structure = (x: number, y: number): number =>
  6 * Math.sin((2 * Math.PI * x) / 37) * Math.cos((2 * Math.PI * y) / 53) + 0.05 * x;

const offsets = Array.from(
  { length: SHOTS },
  (_, k) => [13 * ((k % 3) - 1), 13 * (Math.floor(k / 3) - 1)] as const,
);

function writeExposure(path: string, k: number): void {
  const [dx, dy] = offsets[k]!;
  const random = normal(100 + k);
  const level = 100 + 12 * Math.sin(k);
  const sci = Float32Array.from({ length: N * N }, (_, i) => {
    const [x, y] = [i % N, Math.floor(i / N)];
    return level + structure(x, y) + NOISE * random();
  });
  for (const { x, y, flux } of stars)
    for (let j = Math.ceil(y + dy - 12); j <= y + dy + 12; j++)
      for (let i = Math.ceil(x + dx - 12); i <= x + dx + 12; i++)
        if (i >= 0 && j >= 0 && i < N && j < N)
          sci[j * N + i]! +=
            (flux / (2 * Math.PI * SIGMA ** 2)) *
            Math.exp(-((i - x - dx) ** 2 + (j - y - dy) ** 2) / (2 * SIGMA ** 2));
  const card = (keyword: string, value: string | number) => ({ keyword, value });
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
}

function planesOf(path: string): { sci: Float32Array; err: Float32Array; dq: Uint32Array } {
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

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Residual sky between the stars, its pulls, and (flux − truth)/truth of the bright stars, over all exposures. */
function judge(paths: readonly string[]): {
  sky: number;
  smooth: number;
  pulls: number;
  bright: number;
  faint: number;
} {
  const [residuals, pulls, cells, bright, faint] = [[], [], [], [], []] as number[][];
  paths.forEach((path, k) => {
    const { sci, err, dq } = planesOf(path);
    const [dx, dy] = offsets[k]!;
    const clear = (x: number, y: number, reach: number): boolean =>
      stars.every((star) => Math.hypot(star.x + dx - x, star.y + dy - y) > reach);
    for (let y = 0; y < N; y++)
      for (let x = 0; x < N; x++) {
        const i = y * N + x;
        if (dq[i] !== 0 || !clear(x, y, 8)) continue;
        residuals!.push(sci[i]!);
        pulls!.push(sci[i]! / err[i]!);
      }
    // means of 10 × 10 pixels: noise is a tenth there, structure isn't
    for (let y = 5; y < N - 10; y += 10)
      for (let x = 5; x < N - 10; x += 10) {
        if (!clear(x + 4.5, y + 4.5, 15)) continue;
        const inside = Array.from({ length: 100 }, (_, j) => (y + Math.floor(j / 10)) * N + x + (j % 10));
        if (inside.every((i) => dq[i] === 0)) cells!.push(mean(inside.map((i) => sci[i]!)));
      }
    for (const { x, y, flux } of stars) {
      const [u, w] = [x + dx, y + dy];
      const alone = stars.every((other) => other.x === x || Math.hypot(other.x - x, other.y - y) > 18);
      if (!alone || u < 10 || w < 10 || u > N - 11 || w > N - 11) continue;
      const inside: number[] = [];
      for (let j = Math.ceil(w - 7); j <= w + 7; j++)
        for (let i = Math.ceil(u - 7); i <= u + 7; i++)
          if (Math.hypot(i - u, j - w) <= 7) inside.push(j * N + i);
      if (inside.some((i) => dq[i] !== 0)) continue;
      const sum = inside.reduce((total, i) => total + sci[i]!, 0);
      (flux > 10_000 ? bright! : faint!).push((sum - flux) / flux);
    }
  });
  return {
    sky: mean(residuals!),
    smooth: rms(cells!),
    pulls: rms(pulls!),
    bright: mean(bright!),
    faint: mean(faint!),
  };
}

test("median of a few and its variance; with fewer than three the sky isn't known", (t) => {
  const random = normal(9);
  const n = 4000;
  const frames = Array.from({ length: 5 }, () => ({
    sci: Float32Array.from({ length: n }, () => 3 * random()),
    err: new Float32Array(n).fill(3),
    dq: new Uint32Array(n),
  }));
  for (const frame of frames.slice(0, 3)) frame.dq[0] = DQ.HOT;
  const [sky, variance, few] = [new Float32Array(n), new Float32Array(n), new Uint8Array(n)];
  runningSky(sky, variance, few, frames, 3);
  t.deepEqual([sky[0], variance[0], few[0], few[1]], [0, 0, 1, 0]);
  const pulls = [...sky.subarray(1)].map((value, i) => value / Math.sqrt(variance[i + 1]!));
  t.true(Math.abs(rms(pulls) - 1) < 0.03, String(rms(pulls)));
});

test("a dithered field under a structured sky: the sky goes, the stars stay", async (t) => {
  t.timeout(120_000);
  const raw = folder();
  const paths = offsets.map((_, k) => join(raw, `f${String(k)}_cal.fits`));
  paths.forEach(writeExposure);
  const run = async (
    pipeline: string,
    inputs: string[],
    refs: Record<string, string> = {},
  ): Promise<string[]> => {
    const { plan, events } = await reduce(request(folder(), inputs, { pipeline, layers: [layer({ refs })] }));
    t.deepEqual(
      events.filter(({ type }) => type === "failure"),
      [],
    );
    return plan.products.map(({ output }) => output);
  };
  const first = await run("imager_sky", paths);
  t.is(first.length, SHOTS);
  const once = judge(first);
  const [mosaic] = await run("image3_mosaic", first);
  const second = judge(await run("imager_sky", paths, { MOSAIC: mosaic! }));
  t.log("masks of each exposure alone", once);
  t.log("masks of the mosaic, too", second);
  for (const { sky, smooth, pulls } of [once, second]) {
    // of structure 3.8 rms before; NOISE/10·√(1 + 0.17) = 0.22 is noise, the rest levels that differ by what is masked
    t.true(Math.abs(sky) < 0.03, String(sky));
    t.true(smooth < 0.36, String(smooth));
    t.true(Math.abs(pulls - 1) < 0.03, String(pulls));
  }
  t.true(Math.abs(second.bright) < 0.002, String(second.bright));
  // 900 in an aperture of 154 pixels: 25/900 of noise for each of a hundred
  t.true(Math.abs(second.faint) < 0.015, String(second.faint));
});
