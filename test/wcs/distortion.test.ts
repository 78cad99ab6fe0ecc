import test from "ava";
import { StepError } from "../../src/errors.js";
import { assignWcs } from "../../src/steps/assign_wcs.js";
import { distortionSolution } from "../../src/steps/distortion_solution.js";
import {
  distort,
  fitDistortion,
  matchGrid,
  moveSip,
  pixelToSky,
  readWcs,
  sipKeywords,
  type Position,
  type Wcs,
} from "../../src/wcs/index.js";
import { runStep } from "../acceptance/imager/steps.js";
import { image, planes } from "../helpers/images.js";

const grid = (n: number, step: number): Position[] =>
  Array.from({ length: n * n }, (_, k): Position => [(k % n) * step, Math.floor(k / n) * step]);

/** x' = x + 1 + 0.01·u + 1e-4·u·v, y' = y − 2e-4·u² about (50, 50). */
const bent = ([x, y]: Position): Position => [
  x + 1 + 0.01 * (x - 50) + 1e-4 * (x - 50) * (y - 50),
  y - 2e-4 * (x - 50) ** 2,
];

test("a polynomial is found again, term by term", (t) => {
  const from = grid(11, 10);
  const fit = fitDistortion(from, from.map(bent), { order: 2, origin: [50, 50] });
  t.deepEqual(
    fit.terms.map(({ i, j }) => `${String(i)}${String(j)}`),
    ["00", "01", "02", "10", "11", "20"],
  );
  const near = (c: Float64Array, wanted: number[]): boolean =>
    wanted.every((value, k) => Math.abs(c[k]! - value) < 1e-12);
  t.true(near(fit.dx, [1, 0, 0, 0.01, 1e-4, 0]));
  t.true(near(fit.dy, [0, 0, 0, 0, 0, -2e-4]));
  const [x, y] = distort(fit, [70, 20]);
  t.deepEqual(
    [x.toFixed(9), y.toFixed(9)],
    bent([70, 20]).map((value) => value.toFixed(9)),
  );
});

test("a position far off is left out", (t) => {
  const from = grid(11, 10);
  const to = from.map(bent);
  to[17] = [999, 999];
  const fit = fitDistortion(from, to, { order: 2, origin: [50, 50] });
  t.is(fit.used, 120);
  t.true(Math.hypot(...fit.rms) < 1e-9);
});

test("too few positions, or all on a line, are an error", (t) => {
  const few = grid(2, 10);
  t.throws(() => fitDistortion(few, few, { order: 2, origin: [0, 0] }), { instanceOf: StepError });
  const line = Array.from({ length: 20 }, (_, k): Position => [k, k]);
  t.throws(() => fitDistortion(line, line, { order: 2, origin: [0, 0] }), { instanceOf: StepError });
});

test("spots of a turned grid find their holes; the regular grid is their best fit", (t) => {
  const angle = 0.1;
  const turned = grid(9, 20).map(([x, y]): Position => [
    100 + x * Math.cos(angle) - y * Math.sin(angle),
    100 + x * Math.sin(angle) + y * Math.cos(angle),
  ]);
  const match = matchGrid([...turned, [3, 3]], [170, 180], 19.5, 0.08);
  t.is(match.measured.length, 81);
  t.true(Math.abs(match.pitch - 20) < 1e-9 && Math.abs(match.angle - angle) < 1e-12);
  t.true(
    match.ideal.every(([x, y], k) => Math.hypot(x - match.measured[k]![0], y - match.measured[k]![1]) < 1e-9),
  );
});

test("SIP about another reference pixel moves every pixel alike", (t) => {
  const from = grid(11, 10);
  const fit = fitDistortion(from, from.map(bent), { order: 2, origin: [50, 50] });
  const keywords = sipKeywords(fit, fit);
  const plain = {
    CTYPE1: "RA---TAN-SIP",
    CTYPE2: "DEC--TAN-SIP",
    CRVAL1: 10,
    CRVAL2: 20,
    CDELT1: 1e-6,
    CDELT2: 1e-6,
  };
  const one = readWcs({ ...plain, CRPIX1: 51, CRPIX2: 51, ...keywords }) as Wcs;
  // The same frame with the reference pixel 30, −12 further and the sky position that is there without distortion.
  const bare = { ...one, sip: null };
  const [ra, dec] = pixelToSky(bare, 80, 38);
  const other = readWcs({
    ...plain,
    CRPIX1: 81,
    CRPIX2: 39,
    CRVAL1: ra,
    CRVAL2: dec,
    ...moveSip(keywords, 30, -12),
  }) as Wcs;
  for (const [x, y] of [
    [0, 0],
    [99, 3],
    [40, 80],
  ] as const) {
    const [a, b] = [pixelToSky(one, x, y), pixelToSky(other, x, y)];
    t.true(Math.hypot(a[0] - b[0], a[1] - b[1]) < 1e-10);
  }
});

test("the image of a pinhole mask: the solution undoes the distortion, assign_wcs attaches it", (t) => {
  const n = 160;
  const spots = grid(9, 16).map(([x, y]): Position => [x + 16, y + 16]);
  const middle = 79.5;
  const bend = ([x, y]: Position): Position => {
    const [u, v] = [x - middle, y - middle];
    const r2 = u * u + v * v;
    return [x + 5e-6 * u * r2, y + 5e-6 * v * r2];
  };
  const sci = new Array<number>(n * n).fill(10).map((value, i) => value + ((i * 7919) % 13) / 13);
  for (const [x, y] of spots.map(bend))
    for (let j = Math.floor(y) - 7; j <= y + 8; j++)
      for (let i = Math.floor(x) - 7; i <= x + 8; i++)
        if (i >= 0 && j >= 0 && i < n && j < n)
          sci[j * n + i]! += 1000 * Math.exp(-((i - x) ** 2 + (j - y) ** 2) / (2 * 1.5 ** 2));
  const { keywords } = runStep(distortionSolution, image(sci, { nx: n }), {
    params: { pitch: 16.3, order: 5 },
  });
  t.is(keywords["NSPOTS"], 81);
  t.true(Number(keywords["DISTRMS"]) < 0.01, String(keywords["DISTRMS"]));
  const header = {
    CTYPE1: "RA---TAN",
    CTYPE2: "DEC--TAN",
    CRPIX1: 80.5,
    CRPIX2: 80.5,
    CRVAL1: 10,
    CRVAL2: 0,
    CDELT1: -1e-5,
    CDELT2: 1e-5,
  };
  const { keywords: wcs } = runStep(assignWcs, image(sci, { nx: n, header }), {
    header,
    refs: { distortion: planes([0], { header: keywords }) },
  });
  t.is(wcs["CTYPE1"], "RA---TAN-SIP");
  const sky = readWcs({ ...header, ...wcs }) as Wcs;
  // Neighbouring holes are equally far apart on the sky, in the middle as in the corner.
  const apart = (a: Position, b: Position): number => {
    const [p, q] = [pixelToSky(sky, ...bend(a)), pixelToSky(sky, ...bend(b))];
    return Math.hypot(p[0] - q[0], p[1] - q[1]) * 1e5;
  };
  const centre = apart([80, 80], [96, 80]);
  t.true(Math.abs(apart([16, 16], [32, 16]) - centre) < 0.03);
  t.true(Math.abs(apart([144, 128], [144, 144]) - centre) < 0.03);
});
