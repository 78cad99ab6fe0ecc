import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { openFits, readImage, verifyFits, writeFits } from "../../src/fits/index.js";
import { stepNames } from "../../src/step/registry.js";
import { fixture, folder, layer, pixels, reduce, request } from "./helpers.js";

const raw = fixture("iris_utr.fits");

test("step after step through files = the chain in one pass, bit for bit", async (t) => {
  const out = folder();
  await reduce(request(out, [raw], { pipeline: "imager" }));
  let at = raw;
  for (const step of [
    "dq_init",
    "saturation",
    "linearity",
    "jump",
    "ramp_fit",
    "dark_sub",
    "flat_field",
    "assign_wcs",
  ]) {
    t.true(stepNames.includes(step));
    const { plan, events } = await reduce(request(out, [at], { step: { name: step, module: null } }));
    t.deepEqual(
      events.filter(({ type }) => type === "failure"),
      [],
    );
    at = plan.products[0]!.output;
  }
  t.deepEqual(pixels(at), pixels(join(out, "iris_utr_cal.fits")));
});

test("bands of a few rows = the whole frame, bit for bit, headers included", async (t) => {
  const host = request("", []).host;
  const [few, whole] = [folder(), folder()];
  await reduce(request(few, [raw], { host }), { mem: 1 });
  await reduce(request(whole, [raw], { host }), { mem: 1e9 });
  const [a, b] = [few, whole].map((at) => readFileSync(join(at, "iris_utr_cal.fits")));
  t.is(Buffer.compare(a!, b!), 0);
});

test("the background goes through the steps before `background` like the science", async (t) => {
  const out = folder();
  const sky = fixture("iris_sky_rate.fits");
  const { plan } = await reduce(
    request(out, [fixture("iris_sci_rate.fits")], { background: [sky], pipeline: "image2" }),
  );
  t.deepEqual(
    plan.products[0]!.members["background"]![0]!.steps.map(({ name, skip }) => [name, skip]),
    [
      ["dq_init", "the mask's flags are set in the reads, by stage1"],
      ["dark_sub", null],
      ["flat_field", null],
    ],
  );
  // The same by hand: both reduced without background, then one step.
  const bare = layer({ skip: { background: true, assign_wcs: true } });
  const until = { pipeline: "image2", layers: [bare] };
  await reduce(request(out, [sky], until));
  const byHand = folder();
  await reduce(request(byHand, [fixture("iris_sci_rate.fits")], until));
  await reduce(
    request(byHand, [join(byHand, "iris_sci_cal.fits")], {
      background: [join(out, "iris_sky_cal.fits")],
      step: { name: "background", module: null },
    }),
  );
  t.deepEqual(pixels(join(byHand, "iris_sci_background.fits")), pixels(join(out, "iris_sci_cal.fits")));
});

test("frames combined in bands = frames combined whole", async (t) => {
  const darks = [1, 2, 3, 4, 5].map((i) => fixture(`iris_dark_${i}_rate.fits`));
  const [few, whole] = [folder(), folder()];
  const { plan } = await reduce(request(few, darks, { pipeline: "create_dark" }), { mem: 1 });
  await reduce(request(whole, darks, { pipeline: "create_dark" }));
  t.is(plan.products.length, 1);
  const name = readdirSync(whole).find((file) => file.endsWith(".fits"))!;
  t.deepEqual(pixels(join(few, name)), pixels(join(whole, name)));
});

test("a calibration carries what it is in its header", async (t) => {
  const out = folder();
  const flats = [1, 2, 3, 4, 5].map((i) => fixture(`iris_flat_${i}_rate.fits`));
  const { plan, events } = await reduce(request(out, flats, { pipeline: "create_flatfield" }));
  t.deepEqual(
    events.filter(({ type }) => type === "failure"),
    [],
  );
  const text = readFileSync(plan.products[0]!.output, "latin1");
  t.regex(text, /REFTYPE = '(flat|FLAT) *'/);
  t.regex(text, /NCOMBINE= +5/);
  t.regex(text, /NORMFACT=/);
});

test("--until ends like the pipeline that ends there by itself", async (t) => {
  const out = folder();
  const { plan } = await reduce(request(out, [raw], { until: "ramp_fit" }));
  t.regex(plan.products[0]!.output, /iris_utr_rate\.fits$/);
  t.is(plan.products[0]!.level, 1);
  t.true(existsSync(plan.products[0]!.output));
});

test("integrations: a plane for each ramp, in a file that verifies", async (t) => {
  const path = join(folder(), "two.fits");
  const [nx, ny, ngroups, nints] = [16, 8, 5, 2];
  const slopes = [3, 5];
  const data = Uint16Array.from({ length: nints * ngroups * ny * nx }, (_, i) => {
    const group = Math.floor(i / (nx * ny));
    return 1000 + slopes[Math.floor(group / ngroups)]! * (group % ngroups);
  });
  writeFits(path, [
    { cards: [{ keyword: "TFRAME", value: 1 }] },
    { name: "SCI", data, shape: [nints, ngroups, ny, nx] },
  ]);
  const params = { ramp_fit: { integrations: true, unit: "DN/s" } };
  const { plan } = await reduce(
    request(folder(), [path], {
      ...{ pipeline: "stage1", from: "ramp_fit", until: "ramp_fit" },
      layers: [layer({ params, refs: { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" } })],
    }),
  );
  const file = openFits(plan.products[0]!.output);
  t.deepEqual(verifyFits(file), []);
  const { data: sci, shape } = readImage(file, file.hdu("SCI")!);
  file.close();
  t.deepEqual(shape, [nints, ny, nx]);
  t.deepEqual([sci[0], sci[nx * ny]], slopes);
});
