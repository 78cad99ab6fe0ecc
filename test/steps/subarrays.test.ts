import test from "ava";
import { InputError } from "../../src/errors.js";
import { mergeSubarrays } from "../../src/steps/merge_subarrays.js";
import { parseSubarrayMapStep } from "../../src/steps/parse_subarray_map.js";
import { runStep } from "../acceptance/imager/steps.js";
import { image, planes } from "../helpers/images.js";
import { regrid } from "../helpers/regrid.js";

const frame = { SUBARRAY: "FULL", SUBARRID: 0, SUBSTRT1: 1, SUBSTRT2: 1 };
const map = { nx: 3, ny: 3, data: [0, 1, 1, 0, 1, 1, 0, 0, 0] };

test("the rectangles go into the header, the holes get a flag", (t) => {
  const { image: out, keywords } = runStep(
    parseSubarrayMapStep,
    image([1, 2, 3, 4, 5, 6, 7, 8, 9], { nx: 3, header: frame }),
    { extensions: { map } },
  );
  t.deepEqual([...out.dq], [0, 16, 16, 0, 16, 16, 0, 0, 0]);
  t.like(keywords, { SUBA1X1: 2, SUBA1Y1: 1, SUBA1NX: 2, SUBA1NY: 2 });
});

test("without a map, or with an empty one, the frame goes through", (t) => {
  t.is(runStep(parseSubarrayMapStep, image([1])).status, "SKIPPED");
  const extensions = { map: { nx: 1, ny: 1, data: [0] } };
  t.is(runStep(parseSubarrayMapStep, image([1]), { extensions }).status, "SKIPPED");
});

const full = planes([1, 2, 3, 4, 5, 6, 7, 8, 9], {
  nx: 3,
  dq: [0, 16, 16, 0, 16, 16, 0, 0, 0],
  header: { ...frame, SUBA1X1: 2, SUBA1Y1: 1, SUBA1NX: 2, SUBA1NY: 2 },
});
const part = planes([20, 30, 50, 60], {
  nx: 2,
  dq: [0, 4, 0, 0],
  header: { SUBARRAY: "CUSTOM", SUBARRID: 1, SUBSTRT1: 2, SUBSTRT2: 1 },
});

test("pixels and flags of a subarray go back to their place, whatever the order and the band", (t) => {
  for (const [frames, height] of [
    [[full, part], Infinity],
    [[part, full], 1],
    [[full, part], 2],
  ] as const) {
    const { image: out } = regridWithoutWeight(frames, height);
    t.deepEqual([...out.sci], [1, 20, 30, 4, 50, 60, 7, 8, 9]);
    t.deepEqual([...out.dq], [0, 0, 4, 0, 0, 0, 0, 0, 0]);
  }
});

const regridWithoutWeight = (frames: readonly (typeof full)[], height: number) =>
  regrid(mergeSubarrays, frames, {}, height);

test("without its rectangle in the header a subarray lies where it begins on the detector", (t) => {
  const { image: out } = regridWithoutWeight([{ ...full, header: frame }, part], Infinity);
  t.deepEqual([...out.sci], [1, 20, 30, 4, 50, 60, 7, 8, 9]);
});

test("one exposure stays as it is; several need a full frame and fitting sizes", (t) => {
  t.deepEqual([...regridWithoutWeight([part], Infinity).image.sci], [20, 30, 50, 60]);
  t.throws(() => regridWithoutWeight([part, part], Infinity), {
    instanceOf: InputError,
    message: "Cannot identify the full frame, it should have SUBARRID=0",
  });
  const wide = planes([1, 2, 3], { header: part.header });
  t.throws(() => regridWithoutWeight([full, wide], Infinity), {
    instanceOf: InputError,
    message: /3 × 1 pixels, its place in the full frame 2 × 2/,
  });
});

test("several are merged when each is calibrated", (t) => {
  const rate = { ...part, header: { ...part.header, DATALVL: 1 } };
  t.throws(() => regridWithoutWeight([full, rate], Infinity), {
    instanceOf: InputError,
    message: "cannot merge f1.fits — it is of level 1, calibrated images are wanted",
  });
  t.deepEqual([...regridWithoutWeight([rate], Infinity).image.sci], [20, 30, 50, 60]);
});
