import { join } from "node:path";
import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { StepError } from "../../src/errors.js";
import { resolveParameters } from "../../src/config/parameters.js";
import { keywordsOf, openFits, readImage, writeFits } from "../../src/fits/index.js";
import { combine } from "../../src/steps/combine.js";
import { runStep } from "../acceptance/imager/steps.js";
import { folder, layer, reduce, request } from "../engine/helpers.js";
import { close, image } from "../helpers/images.js";

function pixel(values: readonly number[], params: Record<string, unknown>, dq?: readonly number[]) {
  const frames = values.map((v, i) => image([v], { dq: [dq?.[i] ?? 0] }));
  const { image: out } = runStep(combine, frames, { params });
  return { value: out.sci[0]!, error: out.err[0]!, flags: out.dq[0]! };
}

const plain = { clip: false };

test("median, mean, sum and their errors", (t) => {
  // 1 2 3 6: MAD about 2.5 is 1; variance (4 + 1 + 0 + 9)/4 = 3.5
  const median = pixel([1, 2, 3, 6], { ...plain, method: "median" });
  t.true(close([median.value, median.error], [2.5, 1.482602218505602 / 2]));
  const mean = pixel([1, 2, 3, 6], { ...plain, method: "mean" });
  t.true(close([mean.value, mean.error], [3, Math.sqrt(3.5) / 2]));
  const sum = pixel([1, 2, 3, 6], { ...plain, method: "sum" });
  t.true(close([sum.value, sum.error], [12, Math.sqrt(3.5) * 2]));
});

test("scale comes before every rejection", (t) => {
  t.is(pixel([1, 2, 30], { ...plain, method: "mean", scale: [1, 1, 0.1], max: 5 }).value, 2);
});

test("rank, limits and scatter reject one after the other", (t) => {
  const values = [0, 1, 2, 3, 4, 100];
  t.is(pixel(values, { ...plain, method: "mean", nlow: 1, nhigh: 2 }).value, 2);
  t.is(pixel(values, { ...plain, method: "mean", min: 1, max: 4 }).value, 2.5);
  t.is(pixel(values, { method: "mean", sigma_high: 2, nlow: 1 }).value, 2.5);
});

test("a weighted mean divides by the weights of what is left only", (t) => {
  // (1·2 + 3·6)/4
  t.is(pixel([2, 6, 100], { ...plain, method: "mean", weights: [1, 3, 9], max: 50 }).value, 5);
  t.is(pixel([2, 6, 100], { ...plain, method: "mean", weights: [1, 3, 9] }, [0, 0, 1]).value, 5);
});

test("where nothing is left: NaN, DO_NOT_USE, and what was wrong", (t) => {
  const none = pixel([1, NaN], plain, [4, 0]);
  t.deepEqual([none.value, none.error, none.flags], [NaN, NaN, 4 | DQ.DO_NOT_USE]);
  t.is(pixel([1, 2], { ...plain, nlow: 2 }).flags, DQ.DO_NOT_USE);
});

test("parameters that contradict each other are said, not passed over", (t) => {
  const said = (params: Record<string, unknown>): string =>
    t.throws(() => pixel([1, 2], params), { instanceOf: StepError }).message;
  t.regex(said({ method: "median", weights: [1, 2] }), /weights are those of a mean, and method is median$/);
  t.regex(said({ min: 5, max: 1 }), /min 5 is more than max 1: no value would be left$/);
  t.throws(() => resolveParameters(combine, [layer({ params: { combine: { weights: "0,0" } } })]), {
    message: 'combine.weights can\'t be "0,0" — one of them must be more than 0',
  });
});

test("lists must have one number for each exposure, exposures one shape", (t) => {
  t.throws(() => pixel([1, 2], { scale: [1] }), { instanceOf: StepError });
  t.throws(() => runStep(combine, [image([1]), image([1, 2])]), { instanceOf: StepError });
});

test("scaled by one over the median or the mean of their good pixels, frames agree", async (t) => {
  const frame = (name: string, factor: number): string => {
    const path = join(folder(), name);
    const n = 40 * 300;
    // 1 … 12000 times a factor: median and mean are 6000.5; what is flagged or NaN doesn't count
    const sci = Float32Array.from({ length: n + 40 }, (_, i) =>
      i < n ? factor * (i + 1) : i % 2 ? NaN : 1e9,
    );
    const dq = Uint32Array.from({ length: n + 40 }, (_, i) => (i < n ? 0 : 4));
    writeFits(path, [
      { cards: [{ keyword: "EXPTIME", value: 1 }] },
      { name: "SCI", data: sci, shape: [301, 40] },
      { name: "DQ", data: dq, shape: [301, 40] },
    ]);
    return path;
  };
  const files = [frame("a.fits", 1), frame("b.fits", 4), frame("c.fits", 0.25)];
  for (const scale of ["median", "mean"])
    for (const mem of [1, 1e9]) {
      const wanted = request(folder(), files, {
        step: { name: "combine", module: null },
        outputFile: "one",
        layers: [layer({ params: { combine: { scale } } })],
      });
      const { plan } = await reduce(wanted, { mem });
      const file = openFits(plan.products[0]!.output);
      const { sci, err } = {
        sci: readImage(file, file.hdu("SCI")!).data,
        err: readImage(file, file.hdu("ERR")!).data,
      };
      const header = keywordsOf(file.hdus[0]!.header);
      file.close();
      t.true(Math.abs(Number(header["SCALE2"]) * 4 * 6000.5 - 1) < 1e-6, scale);
      t.true(Math.abs(Number(sci[5]) - 6 / 6000.5) < 1e-9);
      t.true(Number(err[5]) < 1e-9);
    }
});
