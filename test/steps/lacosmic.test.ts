import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { lacosmic } from "../../src/steps/lacosmic.js";
import type { Planes } from "../acceptance/imager/case.js";
import { imageOf, runStep } from "../acceptance/imager/steps.js";
import { bandOf, normal, planes, uniform } from "../helpers/images.js";

const NX = 64;
const NY = 160;
const HIT = 80 * NX + 30;
/** Every 263rd pixel, off the edges: the outermost rows and columns have no neighbours to tell. */
const PLANTED = Array.from({ length: 36 }, (_, k) => 400 + 263 * k)
  .filter((place) => place % NX > 4 && place % NX < NX - 5)
  .concat(HIT);

/** Sky 100 ± 5, stars of FWHM 4, hits of a single pixel. */
function field(): Planes {
  const [gauss, next] = [normal(3), uniform(4)];
  const sci = Array.from({ length: NX * NY }, () => 100 + 5 * gauss());
  for (let star = 0; star < 12; star++) {
    const [sx, sy, peak] = [8 + next() * (NX - 16), 8 + next() * (NY - 16), 100 + 900 * next()];
    for (let i = 0; i < sci.length; i++) {
      const r2 = ((i % NX) - sx) ** 2 + (Math.floor(i / NX) - sy) ** 2;
      if (r2 < 150) sci[i]! += peak * Math.exp((-r2 * 2.77) / 16);
    }
  }
  for (const place of PLANTED) sci[place]! += 2000;
  return planes(sci, { nx: NX, err: sci.map((value) => Math.sqrt(25 + Math.max(0, value - 100) / 4)) });
}

test("every sharp pixel is flagged OUTLIER and its value kept; stars are left alone", (t) => {
  const frame = field();
  const { image: out } = runStep(lacosmic, imageOf(frame));
  for (const place of PLANTED) t.is(out.dq[place], DQ.OUTLIER, String(place));
  t.deepEqual(out.sci, frame.sci);
  const strangers = [...out.dq.keys()].filter(
    (i) =>
      out.dq[i] !== 0 &&
      !PLANTED.some(
        (p) => Math.abs((p % NX) - (i % NX)) <= 2 && Math.abs(Math.floor(p / NX) - Math.floor(i / NX)) <= 2,
      ),
  );
  // of about a thousand pixels on twelve stars
  t.true(strangers.length <= 3, String(strangers));
});

test("clean replaces it by its surroundings and flags FLUX_ESTIMATED", (t) => {
  const { image: out } = runStep(lacosmic, imageOf(field()), { params: { clean: true } });
  t.is(out.dq[HIT], DQ.OUTLIER | DQ.FLUX_ESTIMATED);
  t.true(Math.abs(out.sci[HIT]! - 100) < 15);
});

test("a pixel that is bad already, or NaN, isn't looked at, nor are its neighbours", (t) => {
  const frame = field();
  frame.dq[HIT] = DQ.DO_NOT_USE;
  frame.sci[HIT + 5 * NX] = NaN;
  const { image: out } = runStep(lacosmic, imageOf(frame));
  t.is(out.dq[HIT], DQ.DO_NOT_USE);
  t.is(out.dq[HIT + 5 * NX]! & DQ.OUTLIER, 0);
  t.true(Number.isNaN(out.sci[HIT + 5 * NX]!));
});

test("a pixel without an error isn't looked at; without any the outcome says so", (t) => {
  const frame = field();
  frame.err[HIT] = 0;
  frame.err[HIT + 40 * NX] = NaN;
  const some = runStep(lacosmic, imageOf(frame));
  t.deepEqual(some.caveats, []);
  t.is(some.image.dq[HIT], 0);
  t.is(some.image.dq[PLANTED[0]!], DQ.OUTLIER);
  frame.err.fill(0);
  const none = runStep(lacosmic, imageOf(frame));
  t.deepEqual(none.caveats, ["NO_ERRORS"]);
  t.true(none.image.dq.every((flags) => flags === 0));
  const model = runStep(lacosmic, imageOf(frame), { params: { noise: "model" } });
  t.deepEqual(model.caveats, []);
  t.is(model.image.dq[HIT], DQ.OUTLIER);
});

test("a band with its halo ≡ the same rows of the frame, bit for bit", (t) => {
  const frame = field();
  for (const params of [
    { clean: true },
    { clean: true, niter: 1, fsmode: "convolve" as const, psfsize: 9 },
  ]) {
    const whole = runStep(lacosmic, imageOf(frame), { params }).image;
    const given = { niter: 4, fsmode: "median", psfsize: 7, ...params } as never;
    const halo = lacosmic.halo!(given, imageOf(frame).exposure);
    for (const [from, to] of [
      [0, 30],
      [30, 90],
      [90, NY],
    ] as const) {
      const top = Math.max(0, from - halo);
      const band = bandOf(frame, top, Math.min(NY, to + halo) - top);
      const part = runStep(lacosmic, imageOf(band), { params }).image;
      const skip = (from - top) * NX;
      const rows = (to - from) * NX;
      t.deepEqual(part.sci.slice(skip, skip + rows), whole.sci.slice(from * NX, to * NX));
      t.deepEqual(part.dq.slice(skip, skip + rows), whole.dq.slice(from * NX, to * NX));
    }
  }
});

test("inmask keeps pixels from being looked at, bkg is taken away for the search, var stands for ERR", (t) => {
  const frame = field();
  const flags = (refs: Record<string, Planes>, of: Planes = frame) =>
    runStep(lacosmic, imageOf(of), { refs }).image.dq;
  const zeros = () => new Array<number>(NX * NY).fill(0);
  const masked = zeros();
  masked[HIT] = 1;
  const found = flags({ inmask: planes(masked, { nx: NX }) });
  t.deepEqual([found[HIT], found[PLANTED[0]!]], [0, DQ.OUTLIER]);
  // Without the sky the same as with it, where the variance is given with it.
  const variance = planes(
    [...frame.err].map((e) => e * e),
    { nx: NX },
  );
  t.deepEqual(flags({ var: variance }, { ...frame, err: frame.err.map(() => 0) }), flags({}));
  const sky = planes(
    zeros().map(() => 100),
    { nx: NX },
  );
  const less = { ...frame, sci: frame.sci.map((value) => value - 100) };
  const apart = flags({ bkg: sky });
  t.deepEqual(
    [...apart.keys()].filter((i) => apart[i] !== 0),
    [...flags({}, less).entries()].flatMap(([i, flag]) => (flag === 0 ? [] : [i])),
  );
});
