import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test from "ava";
import type { PlannedEntry } from "../../src/engine/chain.js";
import { checkRoom } from "../../src/engine/regrid.js";
import { keywordsOf, openFits, readImage } from "../../src/fits/index.js";
import type { AnyStep } from "../../src/step/define.js";
import { qa } from "../../src/steps/qa.js";
import { skyMedian } from "../../src/steps/sky_median.js";
import { plan } from "../../src/engine/index.js";
import { fixture, folder, layer, pixels, reduce, request } from "./helpers.js";

const header = (path: string, hdu: number) => {
  const file = openFits(path);
  try {
    return keywordsOf(file.hdus[hdu]!.header);
  } finally {
    file.close();
  }
};

/** The science fixture, its reference pixel moved by (dx, dy). */
function moved(path: string, dx: number, dy: number): string {
  const text = readFileSync(fixture("iris_sci_rate.fits"), "latin1");
  const [x, y] = [3274.5, -1225.5];
  const card = (name: string, value: number): string => `${name}  = ${String(value).padStart(20)}`;
  const out = text
    .replace(card("CRPIX1", x), card("CRPIX1", x + dx))
    .replace(card("CRPIX2", y), card("CRPIX2", y + dy));
  writeFileSync(path, out, "latin1");
  return path;
}

function dithers(): string[] {
  const out = folder();
  return [
    [0, 0],
    [-17.4, 3.2],
    [5.5, 21.75],
  ].map(([dx, dy], k) => moved(join(out, `d${String(k)}_rate.fits`), dx!, dy!));
}

const own = { mine: ["flat_field", "resample", "qa"], flat: ["flat_field", "mosaic"] };

for (const pipeline of ["image3", "image3_mosaic", "mine", "flat"])
  test(`${pipeline}: dithered frames become one product; bands and threads don't change a bit`, async (t) => {
    const inputs = dithers();
    const wanted = () => request(folder(), inputs, { pipeline, pipelines: own });
    const few = await reduce(wanted(), { mem: 1, jobs: 2 });
    const whole = await reduce(wanted(), { mem: 1e9 });
    t.is(few.plan.products.length, 1);
    t.deepEqual(
      few.events.filter(({ type }) => type === "failure"),
      [],
    );
    const { output, grid } = few.plan.products[0]!;
    // 128 pixels and the dithers: 17.4 + 5.5, 21.75, rounded up by drizzling
    t.deepEqual([grid!.nx, grid!.ny], pipeline === "image3" || pipeline === "mine" ? [151, 150] : [151, 150]);
    t.deepEqual(pixels(output), pixels(whole.plan.products[0]!.output));
    const science = header(output, 1);
    t.deepEqual([science["NAXIS1"], science["CRPIX1"]], [grid!.nx, grid!.keywords["CRPIX1"]]);
    t.is(science["CDELT1"], undefined);
    t.is(header(output, 0)["NCOMBINE"], 3);
    const file = openFits(output);
    const { data } = readImage(file, file.hdu("WHT")!);
    file.close();
    t.true(Math.max(...(data as Float32Array)) > 0);
  });

test("a product on a grid of its own is up to date until one of its inputs changes", async (t) => {
  const inputs = dithers();
  const wanted = request(folder(), inputs, { pipeline: "image3" });
  await reduce(wanted);
  const again = await reduce(wanted);
  t.deepEqual(again.plan.products[0]!.reasons, []);
  moved(inputs[2]!, 6, 20);
  const third = await reduce(wanted);
  t.deepEqual(third.plan.products[0]!.reasons, ["inputChanged"]);
});

test("a map of the detector after the resampling is refused, with the reason", async (t) => {
  const wanted = request(folder(), dithers(), {
    pipeline: "wrong",
    pipelines: { wrong: ["resample", "flat_field"] },
  });
  await t.throwsAsync(reduce(wanted), { message: /flat_field can't follow resample: its FLAT/ });
});

test("a mosaic is measured at the end: catalogue and report beside it, its pixels as they are without", async (t) => {
  const inputs = dithers();
  const measured = await reduce(request(folder(), inputs, { pipeline: "image3" }));
  const { output, beside } = measured.plan.products[0]!;
  t.deepEqual(
    beside!.map((path) => path.slice(path.lastIndexOf("_"))),
    ["_cat.fits", "_qa.json"],
  );
  t.true(beside!.every((path) => existsSync(path)));
  const primary = header(output, 0);
  t.is(primary["S_QA"], "COMPLETE");
  t.true(Number(primary["QANSRC"]) > 0 && Number(primary["QAFWHM"]) > 1);
  // until the step that makes the mosaic: another way to say that it isn't measured
  const only = await reduce(request(folder(), inputs, { pipeline: "image3", until: "resample" }));
  const [product] = only.plan.products;
  t.deepEqual([basename(product!.output), product!.beside], [basename(output), undefined]);
  t.deepEqual(pixels(product!.output), pixels(output));
});

test("a mosaic that is too large to be held at once isn't measured, and that is said", (t) => {
  const chainOf = (step: AnyStep) => [{ step, planned: { skip: null } }] as unknown as PlannedEntry[];
  const grid = (side: number) => ({ nx: side, ny: side, keywords: {}, weighted: true });
  const [small, large] = [chainOf(qa), chainOf(qa)];
  checkRoom(grid(11_000), small);
  checkRoom(grid(12_000), large);
  // 12 000² · 32 bytes = 4.6e9
  t.deepEqual(
    [small, large].map(([each]) => each!.planned.skip),
    [null, "12000 × 12000 pixels would take 5 GB at once"],
  );
  t.throws(
    () => {
      checkRoom(grid(12_000), chainOf(skyMedian));
    },
    { message: /sky_median can't follow on this grid: 12000 × 12000 pixels/ },
  );
});

test("a grid larger than the disk is refused in the plan, and so are sizes and places that can't be", async (t) => {
  const inputs = dithers().slice(0, 2);
  const refusal = async (params: Record<string, unknown>) => {
    const layers = [layer({ params: { resample: params } })];
    const error = await t.throwsAsync(plan(request(folder(), inputs, { pipeline: "image3", layers })));
    return error.message;
  };
  t.regex(
    await refusal({ output_shape: "10000000,10000000" }),
    /^cannot write .*_i2d\.fits — 10000000 × 10000000 pixels take \d+ TB, and .* are free$/,
  );
  t.regex(await refusal({ pixel_scale: 1e-9 }), / are free$/);
  t.regex(
    await refusal({ output_shape: "-5,0" }),
    /^resample\.output_shape can't be "-5,0" — it takes list of 2 × whole number ≥ 1, or None/,
  );
  t.regex(await refusal({ output_shape: "5.5,10" }), /whole number/);
  t.regex(
    await refusal({ crval: "330,-2" }),
    /^resample\.crval can't be 330,-2 — the exposures lie more than 90° from it$/,
  );
});
