import { basename, join } from "node:path";
import { copyFileSync, cpSync, existsSync, writeFileSync } from "node:fs";
import test from "ava";
import type { Event } from "../../src/engine/index.js";
import { nextVersion, ownVersions } from "../../src/engine/versions.js";
import { keywordsOf, openFits } from "../../src/fits/index.js";
import { bundledCache } from "../../src/package.js";
import { iris } from "../crds/command.js";
import { checkAlike } from "../../src/engine/groups.js";
import type { Opened } from "../../src/engine/inputs.js";
import { exposure } from "./night/helpers.js";
import { fixture, folder, reduce, request, testHost } from "./helpers.js";

const darks = [1, 2, 3, 4, 5].map((i) => fixture(`iris_dark_${String(i)}_rate.fits`));

const headerOf = (path: string) => {
  const file = openFits(path);
  try {
    return keywordsOf(file.hdus[0]!.header);
  } finally {
    file.close();
  }
};

const make = async (out: string, inputs: string[], pipeline: string) => {
  const { events, plan } = await reduce(request(out, inputs, { pipeline }));
  const product = events.find(
    (event): event is Extract<Event, { type: "product" }> => event.type === "product",
  );
  return { events, plan, product, name: basename(plan.products[0]?.output ?? "") };
};

test("a dark of five is fit for the cache, and says so in header and events", async (t) => {
  const { product } = await make(folder(), darks, "create_dark");
  t.true(product!.verdict!.fit, product!.verdict!.why);
  t.true(product!.verdict!.cacheable);
  const header = headerOf(product!.path);
  t.is(header["CALFIT"], true);
  t.is(header["CALWHY"], product!.verdict!.why);
  t.regex(String(header["CALWHY"]), /^[\d.]+ % bad, [\d.]+ % hot, level /);
});

test("the filter matters to no dark, but to what isn't one", (t) => {
  const taken = (path: string, obstype: string, filter: string) =>
    ({ path, exposure: exposure({ obstype, filter }) }) as Opened;
  const [dark, other, flat] = [
    taken("d", "DARK", "OPAQUE"),
    taken("o", "DARK", "Kbb"),
    taken("f", "FLAT", "Kbb"),
  ] as const;
  t.notThrows(() => {
    checkAlike([dark, other], false, {});
  });
  t.throws(
    () => {
      checkAlike([dark, flat], false, {});
    },
    { message: /cannot combine f with d — FILTER is Kbb, the first has OPAQUE/ },
  );
});

test("a dark of two isn't, which the plan knows before", async (t) => {
  const { product, plan } = await make(folder(), darks.slice(0, 2), "create_dark");
  t.false(product!.verdict!.fit);
  t.regex(plan.products[0]!.caveats[0]!.message, /made of 2; 3 exposures are needed/);
  t.is(headerOf(product!.path)["CALFIT"], false);
});

test("a dark of other exposures isn't, and the cache takes it with --force only", async (t) => {
  const flats = [1, 2, 3].map((i) => fixture(`iris_flat_${String(i)}_rate.fits`));
  const { product } = await make(folder(), flats, "create_dark");
  t.false(product!.verdict!.fit);
  t.regex(product!.verdict!.why, /iris_flat_1_rate.fits and 2 more are FLAT, not DARK/);
  const cache = folder();
  cpSync(bundledCache, cache, { recursive: true });
  const at = { cwd: folder(), env: { CRDS_PATH: cache } };
  const refused = await iris(["crds", "insert", product!.path], at);
  t.is(refused.exit, 3);
  t.regex(refused.err, /isn't fit for the cache: iris_flat_1.* --force/s);
  t.is((await iris(["crds", "insert", product!.path, "--force"], at)).exit, 0);
});

test("another content is another version; each version that is still right is up to date", async (t) => {
  const out = folder();
  const first = await make(out, darks, "create_dark");
  t.regex(first.name, /_0\.0\.1\.fits$/);
  const second = await make(out, darks.slice(0, 4), "create_dark");
  t.regex(second.name, /_0\.0\.2\.fits$/);
  t.deepEqual(second.plan.products[0]!.reasons, ["inputChanged"]);
  t.true(existsSync(join(out, first.name)));
  const again = await make(out, darks, "create_dark");
  t.is(again.name, first.name);
  t.is(again.events.filter(({ type }) => type === "fresh").length, 1);
});

test("a version's name is never given to two files, be they here or in the cache", (t) => {
  const out = folder();
  const path = join(out, "IRIS_IMG1_DARK_20240101T000000_0.0.1.fits");
  const none = (): boolean => false;
  t.is(nextVersion(path, none), path);
  writeFileSync(path.replace("0.0.1", "0.0.3"), "not ours");
  t.is(basename(nextVersion(path, none)), "IRIS_IMG1_DARK_20240101T000000_0.0.4.fits");
  t.is(
    basename(nextVersion(path, (name) => name.endsWith("0.0.4.fits"))),
    "IRIS_IMG1_DARK_20240101T000000_0.0.5.fits",
  );
  t.deepEqual(ownVersions(path), []);
});

test("a super sky has a place in the rules; where they have none, it is for use by name", async (t) => {
  const skies = [1, 2, 3].map((i) => join(folder(), `sky_${String(i)}_rate.fits`));
  for (const path of skies) copyFileSync(fixture("iris_sky_rate.fits"), path);
  const { product } = await make(folder(), skies, "create_sky");
  t.true(product!.verdict!.fit, product!.verdict!.why);
  t.true(product!.verdict!.cacheable);
  t.regex(basename(product!.path), /_SKY_.*_0\.0\.1\.fits$/);

  const cache = folder();
  cpSync(bundledCache, cache, { recursive: true });
  const env = { CRDS_PATH: cache };
  await iris(["crds", "newcontext", "tmt_0001.pmap", "iris_sky_N/A"], { cwd: cache, env });
  const without = { pipeline: "create_sky", host: testHost(env), context: "tmt_0002.pmap" };
  const { events } = await reduce(request(folder(), skies, without));
  const named = events.find((event) => event.type === "product");
  t.false(named?.type === "product" && named.verdict!.cacheable);
  t.truthy(named);
});

test("darks of two exposure times don't make one dark", async (t) => {
  const { plan } = await make(folder(), [darks[0]!, fixture("iris_sci_rate.fits")], "create_dark");
  t.regex(plan.problems[0]?.message ?? "", /cannot combine .* (FILTER|EXPTIME|READMODE) is/);
});
