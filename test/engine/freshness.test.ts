import { copyFileSync, existsSync, readFileSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import {
  differingData,
  execute,
  plan,
  readProvenance,
  rerun,
  status,
  verifyProvenance,
} from "../../src/engine/index.js";
import { OutputError, UsageError } from "../../src/errors.js";
import { collect, fixture, folder, layer, pixels, reduce, request, testHost } from "./helpers.js";

/** A copy of an exposure that the test may spoil. */
function copy(name: string): string {
  const path = join(folder(), name);
  copyFileSync(fixture(name), path);
  return path;
}

const sci = "iris_sci_rate.fits";

test("a product is missing, then fresh; content counts, not time", async (t) => {
  const [out, input, host] = [folder(), copy(sci), testHost()];
  const wanted = request(out, [input], { host });
  const first = await reduce(wanted);
  t.deepEqual(first.plan.products[0]!.reasons, ["missing"]);
  utimesSync(input, new Date(), new Date());
  t.deepEqual((await plan(wanted)).products[0]!.reasons, []);
  t.deepEqual(
    status(out, host).map(({ state }) => state),
    ["fresh"],
  );
});

test("without the memory of hashes and the ledger, the header still says that it is fresh", async (t) => {
  const [out, input] = [folder(), copy(sci)];
  await reduce(request(out, [input]));
  unlinkSync(join(out, ".iris", "ledger.jsonl"));
  t.deepEqual((await plan(request(out, [input]))).products[0]!.reasons, []);
});

test("one changed pixel of the input: inputChanged", async (t) => {
  const [out, input, host] = [folder(), copy(sci), testHost()];
  await reduce(request(out, [input], { host }));
  const bytes = readFileSync(input);
  bytes[bytes.length - 2880 * 4]! ^= 1;
  writeFileSync(input, bytes);
  t.deepEqual((await plan(request(out, [input], { host }))).products[0]!.reasons, ["inputChanged"]);
  t.is(status(out, host)[0]!.state, "stale");
});

test("another parameter: paramsChanged, and the plan says which", async (t) => {
  const [out, input, host] = [folder(), copy(sci), testHost()];
  await reduce(request(out, [input], { host }));
  const layers = [layer({ params: { flat_field: { inverse: true } } })];
  const product = (await plan(request(out, [input], { host, layers }))).products[0]!;
  t.deepEqual(product.reasons, ["paramsChanged"]);
  t.is(product.detail, "flat_field.inverse false → true");
});

test("another reference: refsChanged", async (t) => {
  const [out, input, host] = [folder(), copy(sci), testHost()];
  await reduce(request(out, [input], { host }));
  const layers = [layer({ refs: { FLAT: fixture("iris_flat.fits") } })];
  t.deepEqual((await plan(request(out, [input], { host, layers }))).products[0]!.reasons, ["refsChanged"]);
});

test("a picture that is gone makes the product incomplete", async (t) => {
  const [out, input] = [folder(), copy(sci)];
  const wanted = request(out, [input], { quicklook: true });
  const { plan: made } = await reduce(wanted);
  unlinkSync(made.products[0]!.quicklook!);
  await reduce(wanted);
  t.true(existsSync(made.products[0]!.quicklook!));
});

test("a file that iris didn't write is never overwritten without force", async (t) => {
  const [out, input] = [folder(), copy(sci)];
  const target = join(out, "iris_sci_cal.fits");
  copyFileSync(fixture("iris_flat.fits"), target);
  await t.throwsAsync(plan(request(out, [input])), { instanceOf: OutputError });
  t.deepEqual((await plan(request(out, [input], { force: true }))).products[0]!.reasons, ["forced"]);
  t.deepEqual(readFileSync(target), readFileSync(fixture("iris_flat.fits")));
});

test("made again by force, a product is the same: steps that its exposures have behind them aren't repeated", async (t) => {
  const bare = layer({ skip: { background: true, assign_wcs: true } });
  const { plan: calibrated } = await reduce(
    request(folder(), [fixture("iris_sky_rate.fits")], { pipeline: "image2", layers: [bare] }),
  );
  const background = [calibrated.products[0]!.output];
  const wanted = request(folder(), [copy(sci)], { pipeline: "image2", background });
  const { plan: first } = await reduce(wanted);
  const before = pixels(first.products[0]!.output);
  const { plan: again } = await reduce({ ...wanted, force: true });
  t.is(again.products[0]!.fingerprint, first.products[0]!.fingerprint);
  t.deepEqual(pixels(again.products[0]!.output), before);
  // A step that is run for its own sake is.
  const step = { name: "dark_sub", module: null };
  const once = await plan(request(folder(), background, { step }));
  t.regex(once.products[0]!.steps[0]!.skip!, /already done/);
  const twice = await plan(request(folder(), background, { step, force: true }));
  t.is(twice.products[0]!.steps[0]!.skip, null);
});

test("two inputs that would write one output stop the run before it starts", async (t) => {
  const [a, b] = [copy(sci), copy(sci)];
  await t.throwsAsync(plan(request(folder(), [a, b])), {
    instanceOf: UsageError,
    message: /would both write/,
  });
});

test("the record in a product checks its files and makes the same pixels again", async (t) => {
  const [out, again, input, host] = [folder(), folder(), copy(sci), testHost()];
  const { plan: made } = await reduce(
    request(out, [input], { host, background: [fixture("iris_sky_rate.fits")] }),
  );
  const product = made.products[0]!.output;
  const record = readProvenance(product);
  const files = verifyProvenance(record, host);
  t.deepEqual([...new Set(files.map(({ role }) => role))], ["input", "background", "DARK", "FLAT"]);
  t.true(files.every(({ ok }) => ok));
  await collect(rerun(record, again, { host, jobs: 1, mem: 1e9, force: false }));
  const twin = join(again, "iris_sci_cal.fits");
  t.deepEqual(pixels(twin), pixels(product));
  t.deepEqual(differingData(twin, product), []);
  writeFileSync(input, readFileSync(fixture("iris_sky_rate.fits")));
  t.deepEqual(
    verifyProvenance(record, testHost())
      .filter(({ ok }) => !ok)
      .map(({ path }) => path),
    [input],
  );
});

test("an exposure that fails leaves nothing behind and doesn't stop the others", async (t) => {
  const [out, good, bad, host] = [folder(), copy(sci), copy("iris_sky_rate.fits"), testHost()];
  const made = await plan(request(out, [bad, good], { host }));
  // The file is cut after the plan was made: its last rows are gone.
  writeFileSync(bad, readFileSync(bad).subarray(0, 60_000));
  const events = await collect(execute(made, { host, jobs: 1, mem: 1e9, force: false }));
  t.deepEqual(
    events
      .filter(({ type }) => type === "failure" || type === "product")
      .map(({ type }) => type)
      .sort(),
    ["failure", "product"],
  );
  t.false(existsSync(join(out, "iris_sky_cal.fits")));
  t.true(existsSync(join(out, "iris_sci_cal.fits")));
});

test("a problem of one exposure is in the plan; the others are reduced", async (t) => {
  const broken = join(folder(), "broken.fits");
  writeFileSync(broken, "not FITS");
  const { plan: made, events } = await reduce(request(folder(), [broken, copy(sci)]));
  t.deepEqual(
    made.problems.map(({ input, exit }) => [input, exit]),
    [[broken, 3]],
  );
  const summary = events.find(({ type }) => type === "summary");
  t.like(summary, { made: 1, failed: 1 });
});
