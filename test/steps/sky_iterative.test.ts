import { join } from "node:path";
import test from "ava";
import { openFits, readImage, writeFits } from "../../src/fits/index.js";
import { DQ } from "../../src/data/dq.js";
import { runningSky } from "../../src/kernels/image/running-sky.js";
import { folder, layer, reduce, request } from "../engine/helpers.js";
import { normal, uniform } from "../helpers/images.js";

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
