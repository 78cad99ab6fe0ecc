import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { editHeaders, makeEntry } from "../../src/fits/index.js";
import { bundledCache } from "../../src/package.js";
import { fixture, folder } from "../engine/helpers.js";
import { iris } from "./command.js";

/** A copy of the bundled cache, and files beside it with a window's corner, type and date of their own. */
function bench() {
  const cwd = folder();
  cpSync(bundledCache, join(cwd, "cache"), { recursive: true });
  const at = { cwd, env: { CRDS_PATH: "cache" } };
  return {
    cwd,
    insert: (...words: string[]) => iris(["crds", "insert", ...words], at),
    run: (...words: string[]) => iris(words, at),
    mappings: () => readdirSync(join(cwd, "cache/mappings/tmt")).length,
    reference(name: string, keywords: Record<string, string>): string {
      const path = join(cwd, name);
      cpSync(fixture("iris_dark_1_rate.fits"), path);
      const cards = Object.entries({ REFTYPE: "DARK", ...keywords });
      editHeaders(path, ({ index }, entries) =>
        index === 0 ? [...entries, ...cards.map(([keyword, value]) => makeEntry({ keyword, value }))] : null,
      );
      return name;
    },
  };
}

test("several references make one context; the same again makes nothing new", async (t) => {
  const { insert, reference, mappings } = bench();
  const both = [reference("dark.fits", {}), reference("flat.fits", { REFTYPE: "FLAT", FILTER: "Kbb" })];
  const set = ["--set", "META.INSTRUMENT.FILTER=KBB", "--set", "META.INSTRUMENT.PUPIL=CLEAR"];
  const first = await insert(...both, ...set);
  t.is(first.out, "tmt_0002.pmap\n", first.err);
  t.regex(
    first.err,
    /^new: tmt_iris_dark_0002.rmap, tmt_iris_flat_0002.rmap, tmt_iris_0002.imap, tmt_0002.pmap$/m,
  );
  const before = mappings();
  const again = await insert(...both, ...set);
  t.is(again.out, "tmt_0002.pmap\n");
  t.regex(again.err, /^all is there already$/m);
  t.is((await insert(both[0]!, "--context", "tmt_0002.pmap")).out, "tmt_0002.pmap\n");
  t.is(mappings(), before);
});

test("a copy under another name isn't put beside the reference that it is of", async (t) => {
  const { cwd, insert, reference } = bench();
  const dark = reference("dark.fits", {});
  cpSync(join(cwd, dark), join(cwd, "copy.fits"));
  t.is((await insert(dark, "--pin")).exit, 0);
  t.regex((await insert("copy.fits")).err, /^dark\.fits at .*\nall is there already\n$/);
});

test("a window doesn't take the place of a larger one, unless forced; nor do two files belong at one place", async (t) => {
  const { insert, reference, mappings } = bench();
  const dark = reference("dark.fits", {});
  const before = mappings();
  const refused = await insert(dark, "--useafter", "2020-01-01");
  t.is(refused.exit, 3);
  t.regex(
    refused.err,
    /in place of tmt_iris_dark_0001\.fits .* it covers \[1025:1088, 1025:1088\] of the detector, that one \[1025:1280, 1025:1280\]/,
  );
  t.regex(refused.err, /hint: .*--force, or from a later date on: --useafter DATE/);
  t.is((await insert(dark, reference("other.fits", { AUTHOR: "me" }))).exit, 2);
  t.is(mappings(), before);
  t.is((await insert(dark, "--useafter", "2020-01-01", "--force")).exit, 0);
});

test("exposures whose window a new reference doesn't hold go on with the one before it, with a caveat", async (t) => {
  const { insert, reference, run } = bench();
  await insert(reference("dark.fits", {}), "--pin");
  const large = await run("plan", fixture("iris_sci_rate.fits"), "--json");
  const [product] = (
    JSON.parse(large.out) as { products: { caveats: object[]; steps: { refs: object[] }[] }[] }
  ).products;
  t.like(product!.caveats, [{ code: "OLDER_REFERENCE" }]);
  t.regex(
    JSON.stringify(product!.caveats),
    /DARK tmt_iris_dark_0001\.fits taken.* on dark\.fits — the science covers/,
  );
  const small = await run("plan", fixture("iris_flat_1_rate.fits"), "--pipeline", "image2");
  t.regex(small.out, /DARK +dark\.fits/, small.err);
});

test("a run ends with the command that puts its calibrations into the rules that it used", async (t) => {
  const { run } = bench();
  const darks = [1, 2, 3].map((i) => fixture(`iris_dark_${String(i)}_rate.fits`));
  const plain = await run("reduce", ...darks, "--pipeline", "create_dark", "-o", "a");
  const next = /^next: iris (crds insert a\/IRIS_IMG1_DARK_20260305T050600_0\.0\.1\.fits --pin)$/m.exec(
    plain.err,
  );
  t.truthy(next, plain.err);
  t.is((await run(...next![1]!.split(" "))).out, "tmt_0002.pmap\n");
  const named = await run(
    "reduce",
    ...darks,
    "--pipeline",
    "create_dark",
    "-o",
    "b",
    "--context",
    "tmt_0001.pmap",
  );
  t.regex(named.err, /^next: iris crds insert b\/\S+ --context tmt_0001\.pmap --pin$/m);
});
