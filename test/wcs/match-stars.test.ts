import test from "ava";
import { distortionSolution } from "../../src/steps/distortion_solution.js";
import { fitDistortion, type Position } from "../../src/wcs/fit-distortion.js";
import { matchStars } from "../../src/wcs/match-stars.js";
import { readWcs, type Wcs } from "../../src/wcs/keywords.js";
import { pixelToSky } from "../../src/wcs/project.js";
import { image, normal, uniform } from "../helpers/images.js";
import { UsageError } from "../../src/errors.js";

const middle: Position = [500, 500];
const bend = ([x, y]: Position): Position => {
  const [u, v] = [x - 500, y - 500];
  return [x + 7.3 + 2e-8 * u * (u * u + v * v), y - 4.6 + 1e-5 * u * v];
};

test("stars are found again through shift and distortion, among false spots and stars too faint to be seen", (t) => {
  const next = uniform(11);
  const noise = normal(12);
  const stars = Array.from({ length: 400 }, (): Position => [1000 * next(), 1000 * next()]);
  // three of four are seen, to 0.02 pixels, and 60 spots are none
  const seen = stars.filter((_, k) => k % 4 !== 0).map(bend);
  const spots = [
    ...seen.map(([x, y]): Position => [x + 0.02 * noise(), y + 0.02 * noise()]),
    ...Array.from({ length: 60 }, (): Position => [1000 * next(), 1000 * next()]),
  ];
  const { measured, predicted } = matchStars(spots, stars, 20, { order: 3, origin: middle });
  t.true(measured.length > 285, `${String(measured.length)} of 300`);
  const fit = fitDistortion(measured, predicted, { order: 3, origin: middle });
  // 0.02 px of noise in either coordinate
  t.true(Math.hypot(...fit.rms) / Math.SQRT2 < 0.024, String(fit.rms));
});

const header = {
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRPIX1: 128.5,
  CRPIX2: 128.5,
  CRVAL1: 10,
  CRVAL2: 20,
  CDELT1: -1e-6,
  CDELT2: 1e-6,
};

test("a star field and a catalogue give the distortion, fit for the cache", (t) => {
  const n = 256;
  const wcs = readWcs(header) as Wcs;
  const next = uniform(21);
  const noise = normal(22);
  const stars = Array.from({ length: 90 }, (_, k): Position => [
    14 + 25 * (k % 10) + 6 * next(),
    14 + 25 * Math.floor(k / 10) + 6 * next(),
  ]);
  const warp = ([x, y]: Position): Position => {
    const [u, v] = [x - 127.5, y - 127.5];
    return [x + 3.2 + 4e-5 * u * u, y - 2.1 + 4e-5 * u * v];
  };
  const sci = Array.from({ length: n * n }, () => 20 + noise());
  for (const [x, y] of stars.map(warp))
    for (let j = Math.floor(y) - 7; j <= y + 8; j++)
      for (let i = Math.floor(x) - 7; i <= x + 8; i++)
        if (i >= 0 && j >= 0 && i < n && j < n)
          sci[j * n + i]! += 2000 * Math.exp(-((i - x) ** 2 + (j - y) ** 2) / (2 * 1.4 ** 2));
  const places = stars.map(([x, y]) => pixelToSky(wcs, x, y));
  const table = new Map([
    ["ra", Float64Array.from(places, ([a]) => a)],
    ["dec", Float64Array.from(places, ([, d]) => d)],
  ]);
  const frame = image(sci, { nx: n, header });
  const catalog = {
    ...{
      name: "stars.fits",
      nx: 0,
      ny: 0,
      y0: 0,
      nz: 0,
      sci: new Float32Array(0),
      err: null,
      dq: null,
      header: {},
    },
    table,
  };
  const outcome = distortionSolution.run(frame, {
    params: { pitch: null, reach: 20, angle: 0, order: 2, nsigma: 10 },
    refs: { catalog },
    members: {},
    exposure: frame.exposure,
    header,
    alloc: { f32: (k: number) => new Float32Array(k), u8: (k: number) => new Uint8Array(k) } as never,
  });
  t.is(outcome.status, "complete");
  t.true(Number(outcome.keywords["NSPOTS"]) > 80, String(outcome.keywords["NSPOTS"]));
  t.true(Number(outcome.keywords["DISTRMS"]) < 0.03, String(outcome.keywords["DISTRMS"]));
  // measured − ideal = +4e-5·u², so A_2_0 undoes it
  t.true(Math.abs(Number(outcome.keywords["A_2_0"]) + 4e-5) < 3e-6, String(outcome.keywords["A_2_0"]));
});

test("without pitch and without catalogue there is nothing to compare with", (t) => {
  const { exposure } = image([1]);
  const facts = {
    exposure,
    header: {},
    axes: [1, 1],
    members: {},
    refs: { catalog: null },
    params: { pitch: null, reach: 20, angle: 0, order: 4, nsigma: 10 },
  };
  t.throws(() => distortionSolution.skip!(facts), { instanceOf: UsageError });
});
