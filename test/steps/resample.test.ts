import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { resample } from "../../src/steps/resample.js";
import { pixelMap, pixelToSky, readWcs, skyToPixel, type Wcs } from "../../src/wcs/index.js";
import { close, planes, uniform } from "../helpers/images.js";
import { regrid } from "../helpers/regrid.js";

const NX = 40;
const NY = 30;

const header = (x: number, y: number, angle = 0, more = {}) => {
  const [c, s] = [1e-6 * Math.cos(angle), 1e-6 * Math.sin(angle)];
  return {
    CTYPE1: "RA---TAN-SIP",
    CTYPE2: "DEC--TAN-SIP",
    CRPIX1: x,
    CRPIX2: y,
    CRVAL1: 150,
    CRVAL2: 2,
    CD1_1: -c,
    CD1_2: s,
    CD2_1: s,
    CD2_2: c,
    EXPTIME: 10,
    ...more,
  };
};

/** A star at its place on the sky, in a frame of noise-free sky 5. */
function frame(keywords: ReturnType<typeof header>, error = 1) {
  const wcs = readWcs(keywords) as Wcs;
  const [sx, sy] = skyToPixel(wcs, 150, 2);
  const sci = Array.from({ length: NX * NY }, (_, i) => {
    const [u, v] = [(i % NX) - sx, Math.floor(i / NX) - sy];
    return 5 + 1000 * Math.exp(-(u * u + v * v) / (2 * 1.8 ** 2));
  });
  return planes(sci, { nx: NX, err: sci.map(() => error), header: keywords });
}

test("one frame onto its own grid is itself, weighted by 1/e²", (t) => {
  const one = frame(header(20, 15), 2);
  const { grid, image, outcome } = regrid(resample, [one]);
  t.deepEqual([grid.nx, grid.ny], [NX, NY]);
  t.true(close(image.sci, [...one.sci], 1e-5));
  t.true(close(image.err, [...one.err], 1e-5));
  t.true(image.weight.every((w) => Math.abs(w - 0.25) < 1e-5));
  t.deepEqual([outcome.keywords["NDRIZ"], outcome.keywords["TEXPTIME"]], [1, 10]);
});

test("dithered, turned and distorted frames: counts and place of a star are kept", (t) => {
  const sip = { A_ORDER: 2, A_2_0: 2e-4, B_ORDER: 2, B_1_1: -1e-4 };
  const frames = [frame(header(20, 15)), frame(header(22.4, 13.7)), frame(header(18.2, 16.1, 0.1, sip))];
  for (const ratio of [1, 0.5]) {
    const { grid, image } = regrid(resample, frames, { pixel_scale_ratio: ratio });
    const wcs = readWcs(grid.keywords) as Wcs;
    const [sx, sy] = skyToPixel(wcs, 150, 2);
    let [sum, x, y] = [0, 0, 0];
    // A pixel of half the side holds a quarter of the counts, of the sky as of the star.
    image.sci.forEach((value, i) => {
      const [u, v] = [i % grid.nx, Math.floor(i / grid.nx)];
      if (Math.hypot(u - sx, v - sy) > 9 / ratio) return;
      const light = value - 5 * ratio * ratio;
      sum += light;
      x += light * u;
      y += light * v;
    });
    t.true(Math.abs(sum / (1000 * 2 * Math.PI * 1.8 ** 2) - 1) < 0.005, String(sum));
    t.true(Math.hypot(x / sum - sx, y / sum - sy) < 0.02);
  }
});

test("surface brightness stays the same when pixels change their size", (t) => {
  const { image } = regrid(
    resample,
    [frame(header(-500, -500))],
    { pixel_scale_ratio: 0.5 },
    Infinity,
    "MJy/sr",
  );
  t.true(Math.abs(image.sci[Math.floor(image.sci.length / 2)]! - 5) < 1e-4);
});

test("bad pixels give nothing; where nothing falls NaN or the fill value, and DO_NOT_USE", (t) => {
  const one = frame(header(20, 15));
  one.dq[5] = 1;
  one.sci[7] = NaN;
  const { image } = regrid(resample, [one], { kernel: "point" });
  t.deepEqual([image.sci[5], image.dq[5], image.weight[5]], [NaN, 1, 0]);
  t.is(image.sci[7], NaN);
  t.is(regrid(resample, [one], { kernel: "point", fillval: -1 }).image.sci[5], -1);
});

test("rotation, scale, shape and reference point as wished", (t) => {
  const { grid } = regrid(resample, [frame(header(20, 15, 0.3))], {
    rotation: 0,
    pixel_scale: 0.0072,
    output_shape: [11, 9],
    crpix: [5, 4],
    crval: [150, 2],
  });
  t.deepEqual([grid.nx, grid.ny, grid.keywords["CRPIX1"], grid.keywords["CRPIX2"]], [11, 9, 6, 5]);
  t.true(Math.abs(Number(grid.keywords["CD2_2"]) - 2e-6) < 1e-15 && grid.keywords["CD1_2"] === 0);
  t.true(Math.abs(Number(grid.keywords["CD1_1"]) + 2e-6) < 1e-15);
});

test("band ≡ frame for every kernel, bit for bit", (t) => {
  const next = uniform(3);
  const sip = { A_ORDER: 2, A_2_0: 2e-4, B_ORDER: 2, B_0_2: 1e-4 };
  const frames = [frame(header(20, 15)), frame(header(25.3, 9.8, 0.4)), frame(header(10, 19.1, -1.2, sip))];
  for (const { sci, dq } of frames)
    for (let i = 0; i < sci.length; i++) {
      sci[i]! += next();
      if (next() < 0.05) dq[i] = 1;
    }
  for (const kernel of ["square", "point", "turbo", "gaussian", "lanczos3"]) {
    const given = { kernel, pixfrac: 0.8, pixel_scale_ratio: 0.9, propagate_dq: true };
    const whole = regrid(resample, frames, given).image;
    for (const height of [7, 16]) {
      const cut = regrid(resample, frames, given, height).image;
      t.deepEqual(new Uint32Array(cut.sci.buffer), new Uint32Array(whole.sci.buffer), kernel);
      t.deepEqual(new Uint32Array(cut.err.buffer), new Uint32Array(whole.err.buffer), kernel);
      t.deepEqual([cut.dq, cut.weight], [whole.dq, whole.weight], kernel);
    }
  }
});

test("the map between nodes: within 1e-3 pixels of the exact one, whatever the rows", (t) => {
  const from = readWcs(header(20, 15, 0, { A_ORDER: 2, A_2_0: 1e-5, B_ORDER: 2, B_1_1: 2e-5 })) as Wcs;
  const to = readWcs(header(30, 20, 0.5)) as Wcs;
  const [x, y] = [new Float64Array(NX * 7), new Float64Array(NX * 7)];
  pixelMap(x, y, from, to, NX, { y0: 11, ny: 7 });
  for (let i = 0; i < x.length; i++) {
    const [u, v] = skyToPixel(to, ...pixelToSky(from, i % NX, 11 + Math.floor(i / NX)));
    t.true(Math.hypot(x[i]! - u, y[i]! - v) < 1e-3);
  }
});

test("CON says by bit which exposures a pixel is made of, planes of 32; bands don't matter", (t) => {
  const frames = Array.from({ length: 33 }, (_, k) => frame(header(20 + (k === 32 ? 15 : 0), 15)));
  for (const height of [7, Infinity]) {
    const { grid, image } = regrid(resample, frames, { context: true, kernel: "point" }, height);
    t.is(grid.nx, NX + 15);
    const at = (x: number) => [0, 1].map((p) => image.extras!["CON"]![(p * grid.ny + 12) * grid.nx + x]);
    t.deepEqual(
      [at(0), at(30), at(NX + 12)],
      [
        [0, 1],
        [2 ** 32 - 1, 1],
        [2 ** 32 - 1, 0],
      ],
    );
  }
});

test("good_bits says which flags keep a pixel out", (t) => {
  const flagged = (): ReturnType<typeof frame> => {
    const one = frame(header(20, 15));
    [one.dq[0], one.dq[1], one.dq[2]] = [DQ.DO_NOT_USE, DQ.HOT, DQ.DEAD | DQ.HOT];
    return one;
  };
  const kept = (good_bits: string) =>
    [...regrid(resample, [flagged()], { good_bits, kernel: "point" }).image.weight.subarray(0, 3)].map(
      Boolean,
    );
  t.deepEqual(kept("~DO_NOT_USE"), [false, true, true]);
  t.deepEqual(kept("~DO_NOT_USE+DEAD"), [false, true, false]);
  t.deepEqual(kept("HOT, DO_NOT_USE"), [true, true, false]);
  t.deepEqual(kept(""), [false, false, false]);
  t.deepEqual(kept("~0"), [true, true, true]);
  t.throws(() => kept("HTO"), { message: /flags by name or number/ });
});

test("output_wcs gives size and coordinates, its distortion with them", (t) => {
  const wanted = { ...header(12, 9, 0.2), A_ORDER: 2, A_2_0: 1e-4 };
  const refs = { output_wcs: { name: "like.fits", nx: 33, ny: 22, header: wanted } };
  const one = frame(header(20, 15));
  const { grid, image } = regrid(resample, [one], { pixel_scale_ratio: 3 }, 5, "electron/s", refs);
  t.deepEqual([grid.nx, grid.ny], [33, 22]);
  const wcs = readWcs(grid.keywords) as Wcs;
  t.deepEqual(wcs, readWcs(wanted) as Wcs);
  const [x, y] = skyToPixel(wcs, 150, 2);
  const brightest = image.sci.reduce((best, value, i) => (value > image.sci[best]! ? i : best), 0);
  t.true(Math.hypot((brightest % 33) - x, Math.floor(brightest / 33) - y) < 1);
  t.throws(() => regrid(resample, [one], {}, 5, "", { output_wcs: { ...refs.output_wcs, header: {} } }), {
    message: /cannot resample like like.fits — the header has no CRPIX1/,
  });
});
