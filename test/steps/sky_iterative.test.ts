import { join } from "node:path";
import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { keywordsOf, openFits } from "../../src/fits/index.js";
import { heap } from "../../src/kernels/alloc.js";
import { runningSky } from "../../src/kernels/image/running-sky.js";
import { skyIterative } from "../../src/steps/sky_iterative.js";
import { folder, layer, reduce, request } from "../engine/helpers.js";
import { image, normal } from "../helpers/images.js";
import { judge, makeField, planesOf, rms, SHOTS, writeField, writeSkies } from "../helpers/sky-field.js";

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

test("a clipped median leaves out the one frame that shows an object", (t) => {
  const frames = [1, 2, 3, 2, 40].map((value) => ({
    sci: Float32Array.of(value),
    err: Float32Array.of(3),
    dq: Uint32Array.of(0),
  }));
  const [sky, variance, few] = [new Float32Array(1), new Float32Array(1), new Uint8Array(1)];
  const clip = { sigmaLow: 3, sigmaHigh: 3, iterations: 5, center: "median", deviation: "madstd" } as const;
  // median 2, 1.4826·MAD 1.48: 40 goes; the median of four has 0.298203 of one's variance
  runningSky(sky, variance, few, frames, 3, clip);
  t.deepEqual([sky[0], few[0]], [2, 0]);
  t.true(Math.abs(variance[0]! - 9 * 0.298203) < 1e-5);
});

async function subtract(inputs: string[], loops: number, more: { background?: string[] } = {}) {
  const layers = [layer({ params: { sky_iterative: { max_loops: loops } } })];
  const { plan, events } = await reduce(
    request(folder(), inputs, { pipeline: "imager_sky", layers, ...more }),
  );
  const products = plan.products.filter(({ pipeline }) => pipeline === "imager_sky");
  return { outputs: products.map(({ output }) => output), plan, events };
}

test("a dithered field under a structured sky: the sky goes, the stars stay", async (t) => {
  const field = makeField();
  const inputs = writeField(folder(), field);
  const { outputs, events } = await subtract(inputs, 3);
  t.is(outputs.length, SHOTS);
  t.deepEqual(
    events.filter(({ type }) => type === "failure" || type === "caveat"),
    [],
  );
  const { sky, smooth, pulls, bright, faint, fluxPull, fluxPulls } = judge(outputs, field);
  // of structure 3.8 rms before; NOISE/10·√(1 + 0.17) = 0.22 is noise, the rest levels that differ by what is masked
  t.true(Math.abs(sky) < 0.03, String(sky));
  t.true(smooth < 0.36, String(smooth));
  t.true(Math.abs(pulls - 1) < 0.03, String(pulls));
  t.true(Math.abs(bright) < 0.002, String(bright));
  // 900 in an aperture of 154 pixels: 25/900 of noise for each of a hundred
  t.true(Math.abs(faint) < 0.015, String(faint));
  t.true(Math.abs(fluxPull) < 0.3, String(fluxPull));
  t.true(Math.abs(fluxPulls - 1) < 0.15, String(fluxPulls));
});

test("galaxies too faint for one exposure: each loop brings the sky around them closer to zero", async (t) => {
  const field = makeField({ step: 22, galaxies: 5 });
  const inputs = writeField(folder(), field);
  const once = judge((await subtract(inputs, 1)).outputs, field);
  const { outputs } = await subtract(inputs, 3);
  const looped = judge(outputs, field);
  t.log("once", once);
  t.log("three loops", looped);
  // in units of the noise of one pixel, 2: −0.16 before, −0.04 after
  t.true(once.around < -0.2, String(once.around));
  t.true(Math.abs(looped.around) < 0.4 * Math.abs(once.around), String(looped.around));
  t.true(Math.abs(looped.faint) < Math.abs(once.faint));
  t.true(Math.abs(looped.sky) < 0.03, String(looped.sky));
  t.true(Math.abs(looped.fluxPull) < 0.3 && Math.abs(looped.fluxPulls - 1) < 0.15);
});

test("the sky of a crowded field comes from exposures of empty sky, with one loop", async (t) => {
  const field = makeField({ galaxies: 5 });
  const raw = folder();
  const inputs = writeField(raw, field);
  const { outputs, plan } = await subtract(inputs, 3, { background: writeSkies(raw, 7) });
  t.is(plan.products.length, SHOTS);
  const { members } = plan.products[0]!;
  t.deepEqual(
    Object.entries(members).map(([role, given]) => [role, given.length]),
    [["background", 7]],
  );
  const { smooth, around } = judge(outputs, field);
  t.true(smooth < 0.4, String(smooth));
  t.true(Math.abs(around) < 0.15, String(around));
});

test("two others don't tell the sky: the level goes, every pixel is flagged, and that is said", async (t) => {
  const inputs = writeField(folder(), makeField()).slice(0, 3);
  const { outputs, plan, events } = await subtract(inputs, 3);
  t.is(plan.products.length, 3);
  const caveats = events.flatMap((event) => (event.type === "caveat" ? [event] : []));
  t.deepEqual(
    caveats.map(({ code, message }) => [code, message]),
    inputs.map(() => [
      "FEW_SKIES",
      "sky_iterative: 2 other exposures of the sky, 3 are needed: only the level is subtracted",
    ]),
  );
  const file = openFits(outputs[0]!);
  const { BKGLEVEL, NSKY, S_SKYSUB } = keywordsOf(file.hdus[0]!.header);
  file.close();
  t.deepEqual([NSKY, S_SKYSUB], [2, "COMPLETE"]);
  const [before, after] = [planesOf(inputs[0]!), planesOf(outputs[0]!)];
  t.true(after.dq.every((flags) => flags === DQ.FLUX_ESTIMATED));
  t.deepEqual(
    after.sci,
    before.sci.map((value) => value - Number(BKGLEVEL)),
  );
});

test("of many exposures those nearest in time make the sky", async (t) => {
  const raw = folder();
  const inputs = writeField(raw, makeField());
  const layers = [layer({ params: { sky_iterative: { nwin: 3, max_loops: 1 } } })];
  const { plan } = await reduce(request(folder(), inputs, { pipeline: "imager_sky", layers }));
  // one minute apart: of f4 these are f3 and f5, then the first of f2 and f6
  t.deepEqual(
    plan.products[4]!.members["repeat"]!.map(({ path }) => path),
    [2, 3, 5].map((k) => join(raw, `f${String(k)}_cal.fits`)),
  );
});

test("one exposure isn't a sky; a super sky is, whose variance is its own", (t) => {
  const run = (obstype: string) => {
    const [input, sky] = [image([10, 20], { err: [3, 3] }), image([1, 2], { err: [4, 4] })];
    return skyIterative.run(input, {
      params: { nwin: 8, max_loops: 1, keep_mask: false },
      refs: {},
      members: { repeat: [], background: [{ ...sky, exposure: { ...sky.exposure, obstype } }] },
      exposure: input.exposure,
      header: {},
      alloc: heap,
    });
  };
  const alone = run("SKY");
  t.deepEqual([alone.status, ...alone.product.sci], ["partial", 10, 20]);
  const { status, product } = run("REFERENCE");
  // √(3² + 4²) = 5
  t.deepEqual([status, ...product.sci, ...product.err, ...product.dq], ["complete", 9, 18, 5, 5, 0, 0]);
});
