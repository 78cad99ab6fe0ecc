import test from "ava";
import * as v from "valibot";
import { DQ } from "../../src/data/dq.js";
import { heap } from "../../src/kernels/alloc.js";
import { qa } from "../../src/steps/qa.js";
import { runStep } from "../acceptance/imager/steps.js";
import { image, normal } from "../helpers/images.js";

const N = 128;

/** Stars of FWHM 4 and flux 40 000 on a sky of 100 ± 3. */
function field(withStars: boolean) {
  const deviate = normal(9);
  const sigma = 4 / 2.354820045;
  const peak = 40000 / (2 * Math.PI * sigma * sigma);
  const sci = Array.from({ length: N * N }, () => 100 + 3 * deviate());
  if (withStars)
    for (const [cx, cy] of [
      [30.2, 40.7],
      [90.5, 30.1],
      [60.8, 95.3],
    ] as const)
      for (let i = 0; i < N * N; i++)
        sci[i]! += peak * Math.exp(-(((i % N) - cx) ** 2 + (Math.floor(i / N) - cy) ** 2) / (2 * sigma ** 2));
  return image(sci, { nx: N, dq: sci.map((_, i) => (i < N ? DQ.SATURATED : 0)) });
}

test("seeing, sky, number of sources, depth", (t) => {
  const { keywords } = runStep(qa, field(true), { header: { SCALE: 0.004, ZEROPT: 25 } });
  const near = (keyword: string, expected: number, tolerance: number): void => {
    t.true(
      Math.abs(Number(keywords[keyword]) - expected) < tolerance,
      `${keyword} ${String(keywords[keyword])}`,
    );
  };
  t.is(keywords["QANSRC"], 3);
  near("QAFWHM", 4, 0.05);
  near("QAFWMAS", 16, 0.2);
  near("QAELL", 0, 0.05);
  near("QABKG", 100, 0.3);
  near("QARMS", 3, 0.1);
  // 5·3·√π·4
  near("QALIM5", 106.3, 4);
  near("QAMAG5", 25 - 2.5 * Math.log10(106.3), 0.05);
  near("QASAT", 1 / N, 1e-9);
});

test("the image stays as it is", (t) => {
  const before = field(true);
  const { image: after } = runStep(qa, field(true));
  t.deepEqual(after.sci, before.sci);
});

test("without stars: a caveat, and what can be said without them", (t) => {
  const frame = field(false);
  const params = v.parse(qa.params, {});
  const outcome = qa.run(frame, {
    params,
    refs: {},
    members: {},
    exposure: frame.exposure,
    header: {},
    alloc: heap,
  });
  t.is(outcome.status, "partial");
  t.true(Math.abs(Number(outcome.keywords["QARMS"]) - 3) < 0.1);
  t.is(outcome.keywords["QAFWHM"], undefined);
});

test("the catalogue: place, light in apertures, half-light radius, magnitude of each star", (t) => {
  const frame = { ...field(true), unit: "electron/s" };
  const params = v.parse(qa.params, { radii: [4, 4.5, 9] });
  // TAN about pixel (1, 1) of FITS, 0.001° per pixel
  const header = {
    ...{ ZEROPT: 25, CTYPE1: "RA---TAN", CTYPE2: "DEC--TAN", CRPIX1: 1, CRPIX2: 1, CRVAL1: 10, CRVAL2: 0 },
    ...{ CDELT1: -0.001, CDELT2: 0.001 },
  };
  const context = { params, refs: {}, members: {}, exposure: frame.exposure, header, alloc: heap };
  const { beside } = qa.run(frame, context);
  const [catalog] = beside!;
  t.true(catalog !== undefined && "table" in catalog);
  const columns = new Map(
    (catalog as { table: { name: string; data: unknown }[] }).table.map(({ name, data }) => [
      name,
      data as ArrayLike<number>,
    ]),
  );
  const at = (name: string, k: number): number => columns.get(name)![k]!;
  t.is(columns.get("id")!.length, 3);
  const star = [0, 1, 2].find((k) => Math.abs(at("x", k) - 90.5) < 1)!;
  t.true(Math.hypot(at("x", star) - 90.5, at("y", star) - 30.1) < 0.05);
  t.true(Math.abs(at("ra", star) - (10 - 0.0905)) < 1e-4 && Math.abs(at("dec", star) - 0.0301) < 1e-4);
  // Pixels add 1/12 to σ² = 16/5.545; the noise is 3·√π·4 and 3·√π·9.
  t.true(Math.abs(at("flux_r4", star) - 40000 * (1 - Math.exp(-8 / (16 / 5.545 + 1 / 12)))) < 70);
  t.true(Math.abs(at("flux_r9", star) - 40000) < 200);
  t.true(at("flux_r4_5", star) > at("flux_r4", star) && at("err_r4_5", star) > at("err_r4", star));
  t.true(Math.abs(at("err_r9", star) - Math.hypot(3 * Math.sqrt(Math.PI) * 9, Math.sqrt(40000))) < 8);
  // FWHM/2: half of a Gaussian's light
  t.true(Math.abs(at("half_light", star) - 2) < 0.05);
  t.true(Math.abs(at("mag", star) - (25 - 2.5 * Math.log10(40000))) < 0.01);
  t.true(Math.abs(at("e_mag", star) / (1.0857 * (at("err_r9", star) / at("flux_r9", star))) - 1) < 1e-3);
});
