import test from "ava";
import * as v from "valibot";
import type { Columns } from "../../src/data/columns.js";
import type { Image, Reference } from "../../src/data/kinds.js";
import { heap } from "../../src/kernels/alloc.js";
import { zeroPoint } from "../../src/steps/zero_point.js";
import { starsOf } from "../../src/steps/zero_point/star-columns.js";
import { pixelToSky, readWcs, type Wcs } from "../../src/wcs/index.js";
import { image, normal, uniform } from "../helpers/images.js";

const [N, FWHM, SKY, RMS, ZP] = [256, 4, 100, 2, 26];
const header = {
  ...{ CTYPE1: "RA---TAN", CTYPE2: "DEC--TAN", CRPIX1: 128, CRPIX2: 128, CRVAL1: 150, CRVAL2: 2 },
  ...{ CDELT1: -0.0002, CDELT2: 0.0002, FILTER: "K" },
};
const wcs = readWcs(header) as Wcs;

/** 25 stars on a loose grid, and a catalogue of them with errors of 0.02 mag. */
function field(seed: number): { frame: Image; stars: Reference } {
  const [deviate, next] = [normal(seed), uniform(seed + 1)];
  const sigma = FWHM / 2.354820045;
  const sci = Array.from({ length: N * N }, () => SKY + RMS * deviate());
  const [ra, dec, mag]: [number[], number[], number[]] = [[], [], []];
  for (let k = 0; k < 25; k++) {
    const x = 30 + 48 * (k % 5) + 4 * next();
    const y = 30 + 48 * Math.floor(k / 5) + 4 * next();
    const flux = 10 ** (3.3 + 1.2 * next());
    for (let j = Math.floor(y) - 16; j <= y + 17; j++)
      for (let i = Math.floor(x) - 16; i <= x + 17; i++)
        sci[j * N + i]! +=
          (flux / (2 * Math.PI * sigma * sigma)) *
          Math.exp(-((i - x) ** 2 + (j - y) ** 2) / (2 * sigma * sigma));
    const [alpha, delta] = pixelToSky(wcs, x, y);
    ra.push(alpha);
    dec.push(delta);
    mag.push(ZP - 2.5 * Math.log10(flux) + 0.02 * deviate());
  }
  // one variable star, and one beyond the image
  mag[7]! += 0.8;
  const table: Columns = new Map([
    ["ra", Float64Array.from([...ra, 150.5])],
    ["dec", Float64Array.from([...dec, 2])],
    ["kmag", Float64Array.from([...mag, 15])],
    ["e_kmag", new Float64Array(26).fill(0.02)],
  ]);
  const frame = image(sci, { nx: N, err: sci.map(() => RMS) });
  const named = { ...frame, exposure: { ...frame.exposure, filter: "K" } };
  return { frame: named, stars: referenceOf(table) };
}

const referenceOf = (table: Columns): Reference => ({
  ...{ name: "stars.csv", nx: 0, ny: 0, y0: 0, nz: 0, sci: new Float32Array(0), err: null, dq: null },
  header: {},
  table,
});

function run(frame: Image, stars: Reference, params: Record<string, unknown> = {}, more = {}) {
  const { exposure } = frame;
  const checked = v.parse(zeroPoint.params, params);
  return zeroPoint.run(frame, {
    ...{ params: checked, refs: { stars }, members: {}, exposure, alloc: heap },
    header: { ...header, ...more },
  });
}

test("the zero point of a simulated field lies within its error: no offset, pulls as wide as a median's", (t) => {
  const pulls = Array.from({ length: 16 }, (_, k) => {
    const { frame, stars } = field(11 + 17 * k);
    const { keywords } = run(frame, stars);
    t.true(Number(keywords["NZPSTAR"]) >= 20 && Number(keywords["NZPSTAR"]) <= 24);
    return (Number(keywords["ZEROPT"]) - ZP) / Number(keywords["ZPERR"]);
  });
  const mean = pulls.reduce((sum, pull) => sum + pull, 0) / pulls.length;
  const width = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length);
  // The median of 24 is 1.25 times less certain than their mean, whose error ZPERR is; 16 pulls tell a width to 0.2.
  t.true(Math.abs(mean) < 0.8, String(mean));
  t.true(width > 0.6 && width < 1.9, String(width));
});

test("extinction: a zero point outside the atmosphere is higher by k·X", (t) => {
  const { frame, stars } = field(3);
  const below = Number(run(frame, stars).keywords["ZEROPT"]);
  const above = run(frame, stars, { extinction: 0.1 }, { AIRMASS: 1.5 }).keywords;
  t.true(Math.abs(Number(above["ZEROPT"]) - below - 0.15) < 1e-9);
  t.is(above["EXTCOEF"], 0.1);
  t.throws(() => run(frame, stars, { extinction: 0.1 }), { message: /AIRMASS/ });
});

test("the aperture is that of best signal to noise, its correction what a Gaussian leaves outside", (t) => {
  const { frame, stars } = field(5);
  const { keywords, beside } = run(frame, stars);
  const radius = Number(keywords["APRADIUS"]);
  const sigma2 = FWHM ** 2 / 5.545 + 1 / 12;
  const inside = 1 - Math.exp((-radius * radius) / (2 * sigma2));
  t.true(radius >= 2 && radius <= 6);
  t.true(Math.abs(Number(keywords["APCORR"]) - 2.5 * Math.log10(inside)) < 0.01);
  const { stars: listed } = (beside![0] as unknown as { json: { stars: { used: boolean }[] } }).json;
  t.is(listed.length, 25);
  t.is(listed.filter(({ used }) => used).length, 24);
});

test("without stars in the image there is no zero point, and the image goes on", (t) => {
  const { frame, stars } = field(5);
  const away = new Map([...stars.table!, ["ra", new Float64Array(26).fill(10)] as const]);
  const outcome = run(frame, referenceOf(away));
  t.is(outcome.status, "skipped");
  t.throws(() => run(frame, referenceOf(new Map([["ra", new Float64Array(1)]]))), { message: /ra and dec/ });
});

test("columns of the surveys: names, errors, Vega to AB", (t) => {
  const one = new Float64Array(1);
  const table = (...names: string[]): Columns => new Map(names.map((name) => [name, one] as const));
  const found = (band: string, ...names: string[]) => {
    const stars = starsOf(table("ra", "dec", ...names), band, null);
    return typeof stars === "string" ? stars : [stars.column, stars.toAb];
  };
  t.deepEqual(found("k", "j_m", "k_m", "k_cmsig"), ["k_m", 1.85]);
  t.deepEqual(found("j", "japermag3", "japermag3err"), ["japermag3", 0.938]);
  t.deepEqual(found("g", "gmeanpsfmag", "gmeanpsfmagerr"), ["gmeanpsfmag", 0]);
  t.deepEqual(found("r", "psfmag_r", "psfmagerr_r"), ["psfmag_r", 0]);
  t.deepEqual(found("h", "mag", "mag_err"), ["mag", 0]);
  t.regex(String(found("y", "gmag")), /no magnitudes in Y/);
});
