import { existsSync, mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { useCompiled } from "../../src/crds/cache.js";
import {
  bestrefs,
  certify,
  changeOf,
  checkMapping,
  derive,
  deriveContext,
  diffMappings,
  formatSquashed,
  getObservatory,
  insertReference,
  loadMapping,
  mappingClosure,
  mappingPath,
  nextName,
  openCache,
  readMapping,
  referenceClosure,
  referenceHeader,
  resolveContext,
  storeConfig,
  storeMappings,
  storeReference,
  usersOf,
  verifiedReference,
  type Cache,
} from "../../src/crds/rules.js";
import { CalibrationError, OutputError, RulesError } from "../../src/errors.js";
import { makeCacheFolder, makeRules, mappingText } from "./helpers.js";

const rules = "Match({ ('A', 'X') : UseAfter({ '2000-01-01 00:00:00' : 'tobs_cam_flat_0001.fits' }) })";
const parkey = "'parkey' : (('P1', 'P2'), ('DATE-OBS', 'TIME-OBS')),";
const header = { INSTRUME: "CAM", P1: "A", P2: "X", "DATE-OBS": "2021-01-01", "TIME-OBS": "00:00:00" };

const makeCache = (extra = "", env: Record<string, string> = {}): Cache =>
  openCache({ path: makeCacheFolder(makeRules(rules, parkey + extra)), env });

/** Inserts into the rules of `tobs_0001.pmap` and gives the new context. */
function insert(cache: Cache, file: string, reference: Record<string, string>): string {
  const rmap = loadMapping(cache, "tobs_cam_flat_0001.rmap");
  const { selector } = insertReference(rmap, file, referenceHeader(rmap, getObservatory("tobs"), reference));
  const made = derive(rmap, nextName(cache, rmap.name), selector);
  const above = deriveContext(cache, "tobs_0001.pmap", [changeOf(made)]);
  storeMappings(cache, [made, ...above]);
  return above.at(-1)!.name;
}

test("an inserted reference is found by the new context, and the old one is as it was", (t) => {
  const cache = makeCache();
  const context = insert(cache, "new.fits", { P1: "a", P2: "x", USEAFTER: "2020-01-01T00:00:00" });
  t.is(context, "tobs_0002.pmap");
  t.like(bestrefs(cache, context, header)["flat"], { name: "new.fits" });
  t.like(bestrefs(cache, "tobs_0001.pmap", header)["flat"], { name: "tobs_cam_flat_0001.fits" });
  t.deepEqual(mappingClosure(cache, context), [
    "tobs_0002.pmap",
    "tobs_cam_0002.imap",
    "tobs_cam_flat_0002.rmap",
  ]);
  t.deepEqual(referenceClosure(cache, context), ["new.fits", "tobs_cam_flat_0001.fits"]);
  for (const name of mappingClosure(cache, context)) {
    const { mapping, text } = readMapping(mappingPath(cache, name)!);
    t.is(checkMapping(mapping, text).state, "valid");
  }
  t.deepEqual(
    certify(cache, mappingPath(cache, context)!).filter(({ level }) => level === "error"),
    [],
  );
  t.deepEqual(
    usersOf(cache, "tobs", "new.fits", () => t.fail()),
    mappingClosure(cache, context),
  );
});

test("a new case gets a rule of its own; a missing keyword is told by name", (t) => {
  const cache = makeCache();
  const context = insert(cache, "b.fits", {
    P1: "B|C|",
    P2: "Y",
    "DATE-OBS": "2020-01-01",
    "TIME-OBS": "10:00",
  });
  t.like(bestrefs(cache, context, { ...header, P1: "C", P2: "Y" })["flat"], { name: "b.fits" });
  const error = t.throws(() => insert(cache, "c.fits", { P1: "A", USEAFTER: "2020-01-01" }), {
    instanceOf: CalibrationError,
  });
  t.regex(error.message, /its header has no P2/);
  t.throws(() => insert(cache, "c.fits", { P1: "A", P2: "X" }), { message: /no date to use it after/ });
});

test("keywords of the reference are translated, irrelevant ones become N/A", (t) => {
  const cache = makeCache(
    "'reference_to_dataset' : { 'REFP1' : 'P1' }, 'parkey_relevance' : { 'p2' : '(P1 == \"A\")' },",
  );
  const context = insert(cache, "b.fits", { REFP1: "B", P2: "Z", USEAFTER: "Jan 01 2020 00:00:00" });
  const { mapping } = readMapping(mappingPath(cache, "tobs_cam_flat_0002.rmap")!);
  t.deepEqual(
    diffMappings(cache, loadMapping(cache, "tobs_cam_flat_0001.rmap"), mapping).map(formatSquashed),
    [
      "tobs_cam_flat_0001.rmap tobs_cam_flat_0002.rmap -- B N/A -- 2020-01-01 00:00:00 -- added Match rule b.fits".replace(
        "rule b",
        "rule for b",
      ),
    ],
  );
  t.like(bestrefs(cache, context, { ...header, P1: "B", P2: "anything" })["flat"], { name: "b.fits" });
});

test("differences go from the top down", (t) => {
  const cache = makeCache();
  const context = insert(cache, "new.fits", { P1: "A", P2: "X", USEAFTER: "2020-01-01" });
  t.deepEqual(
    diffMappings(cache, loadMapping(cache, "tobs_0001.pmap"), loadMapping(cache, context)).map(
      formatSquashed,
    ),
    [
      "tobs_cam_flat_0001.rmap tobs_cam_flat_0002.rmap -- A X -- 2020-01-01 00:00:00 -- added terminal new.fits",
      "tobs_cam_0001.imap tobs_cam_0002.imap -- flat -- replaced tobs_cam_flat_0001.rmap with tobs_cam_flat_0002.rmap",
      "tobs_0001.pmap tobs_0002.pmap -- cam -- replaced tobs_cam_0001.imap with tobs_cam_0002.imap",
    ],
  );
});

test("certify finds what lookups let pass", (t) => {
  const messages = (selector: string, extra = ""): string[] => {
    const cache = openCache({ path: makeCacheFolder(makeRules(selector, extra || parkey)) });
    return certify(cache, mappingPath(cache, "tobs_cam_flat_0001.rmap")!).map(
      ({ level, message }) => `${level}: ${message}`,
    );
  };
  const one = (text: string): string => `Match({ ('A', 'X') : UseAfter({ ${text} }) })`;
  t.deepEqual(messages(one("'2000-01-01 00:00:00' : 'a.fits'")), []);
  t.regex(
    messages(one("'2000-02-30 00:00:00' : 'a.fits'")).join(),
    /error: the UseAfter key '2000-02-30 00:00:00' isn't a date/,
  );
  t.regex(messages(one("'2000-01-01T00:00:00' : 'a.fits'")).join(), /warning: .*keys are compared as text/);
  t.regex(messages(one("'2000-01-01 00:00:00' : None")).join(), /error: illegal value None/);
  t.regex(messages(one("'2000-01-01 00:00:00' : '../a.fits'")).join(), /warning: .*holds a folder/);
  const two = "Match({ ('A|B', 'X') : UseAfter({}), ('A', 'X') : UseAfter({}) })";
  t.regex(messages(two).join(), /error: the key \(A, X\) is a special case of \(A\|B, X\) of equal weight/);
  t.regex(
    messages(one(""), `${parkey} 'classes' : ('Match',),`).join(),
    /parkey has 2 levels and classes \(Match\) 1/,
  );
});

test("a missing mapping and a loop name the way that leads to them", (t) => {
  const cache = openCache({
    path: makeCacheFolder({
      "tobs_0001.pmap": mappingText("tobs_0001.pmap", "{ 'CAM' : 'tobs_cam_0001.imap' }"),
      "tobs_cam_0001.imap": mappingText(
        "tobs_cam_0001.imap",
        "{ 'FLAT' : 'tobs_cam_flat_0009.rmap', 'OWN' : 'tobs_cam_0001.imap' }",
      ),
    }),
  });
  t.throws(() => mappingClosure(cache, "tobs_0001.pmap"), {
    instanceOf: RulesError,
    message: /tobs_cam_flat_0009.rmap, named by tobs_cam_0001.imap/,
  });
  t.throws(() => bestrefs(cache, "tobs_0001.pmap", header), { instanceOf: RulesError });
  const errors = certify(cache, mappingPath(cache, "tobs_0001.pmap")!).filter(
    ({ level }) => level === "error",
  );
  t.true(
    errors.some(({ message }) =>
      message.includes("lead back to themselves: tobs_0001.pmap → tobs_cam_0001.imap → tobs_cam_0001.imap"),
    ),
  );
});

test("a pinned context is the default; a read-only cache isn't changed", (t) => {
  const cache = makeCache();
  insert(cache, "new.fits", { P1: "A", P2: "X", USEAFTER: "2020-01-01" });
  storeConfig(cache, "tobs", {
    operational_context: "tobs_0001.pmap",
    bad_files_list: ["it's.fits"],
    count: 3,
  });
  t.is(resolveContext(cache), "tobs_0001.pmap");
  t.is(resolveContext(cache, "tobs-operational"), "tobs_0001.pmap");
  t.throws(() => storeConfig({ ...cache, env: { CRDS_READONLY_CACHE: "1" } }, "tobs", {}), {
    instanceOf: OutputError,
  });
});

test("the user's own folder stands before the shared one", (t) => {
  const shared = makeCacheFolder(makeRules(rules, parkey));
  const own = mkdtempSync(join(tmpdir(), "crds-own-"));
  const cache = openCache({ path: `${own}:${shared}` });
  const context = insert(cache, "new.fits", { P1: "A", P2: "X", USEAFTER: "2020-01-01" });
  t.true(existsSync(join(own, "mappings", "tobs", context)));
  t.false(existsSync(join(shared, "mappings", "tobs", context)));
  t.like(bestrefs(cache, context, header)["flat"], { name: "new.fits" });
});

test("a reference is verified when it is first used", (t) => {
  const home = mkdtempSync(join(tmpdir(), "crds-home-"));
  const cache = makeCache("", { XDG_CACHE_HOME: home });
  const file = join(home, "tobs_cam_flat_0001.fits");
  writeFileSync(file, Buffer.alloc(5000, "flat"));
  const path = storeReference(cache, "tobs", "cam", file);
  t.is(verifiedReference(cache, "tobs", "tobs_cam_flat_0001.fits"), path);
  t.is(verifiedReference(cache, "tobs", "nosuch.fits"), undefined);
  writeFileSync(path, Buffer.alloc(5000, "dark"));
  t.throws(() => verifiedReference(cache, "tobs", "tobs_cam_flat_0001.fits"), {
    instanceOf: CalibrationError,
    message: /is damaged/,
  });
  writeFileSync(file, "other");
  t.throws(() => storeReference(cache, "tobs", "cam", file), {
    instanceOf: OutputError,
    message: /another file of that name/,
  });
  const pointer = join(path, "..", "tobs_cam_flat_0002.fits");
  writeFileSync(pointer, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  t.throws(() => verifiedReference(cache, "tobs", "tobs_cam_flat_0002.fits"), {
    message: /large-file store/,
  });
  storeConfig(cache, "tobs", { bad_files_list: ["tobs_cam_flat_0003.fits"] });
  writeFileSync(join(path, "..", "tobs_cam_flat_0003.fits"), Buffer.alloc(5000));
  t.throws(() => verifiedReference(cache, "tobs", "tobs_cam_flat_0003.fits"), { message: /withdrawn/ });
});

test("compiled rules answer the same, and a changed mapping is read anew", (t) => {
  const mappings: Record<string, string> = makeRules(rules, parkey);
  const types = Array.from(
    { length: 40 },
    (_, i) => `TYPE${String.fromCharCode(65 + (i % 26))}${String.fromCharCode(65 + Math.floor(i / 26))}`,
  );
  for (const type of types) {
    const name = `tobs_cam_${type.toLowerCase()}_0001.rmap`;
    mappings[name] = mappingText(name, rules.replace("flat", type.toLowerCase()), parkey);
  }
  const entries = types.map((type) => `'${type}' : 'tobs_cam_${type.toLowerCase()}_0001.rmap'`).join(", ");
  mappings["tobs_cam_0001.imap"] = mappingText("tobs_cam_0001.imap", `{ ${entries} }`);
  const folder = makeCacheFolder(mappings);
  const home = mkdtempSync(join(tmpdir(), "crds-home-"));
  const look = (): unknown => {
    const cache = openCache({ path: folder, env: { XDG_CACHE_HOME: home } });
    const save = useCompiled(cache, "tobs_0001.pmap");
    const results = bestrefs(cache, "tobs_0001.pmap", header);
    save();
    return results;
  };
  const first = look();
  t.true(existsSync(join(home, "iris", "rules")));
  t.deepEqual(look(), first);
  // touched, but the same: still answered from what was compiled
  const path = join(folder, "mappings", "tobs", "tobs_cam_typeaa_0001.rmap");
  utimesSync(path, new Date(), new Date());
  t.deepEqual(look(), first);
  const changed = mappingText(
    "tobs_cam_typeaa_0001.rmap",
    rules.replace("tobs_cam_flat_0001", "tobs_cam_flat_0009"),
    parkey,
  );
  writeFileSync(path, changed);
  t.like((look() as Record<string, object>)["typeaa"], { name: "tobs_cam_flat_0009.fits" });
  t.is(readFileSync(path, "utf8"), changed);
});

test("a layout is read from the cache, and found in any", (t) => {
  const cache = makeCache();
  mkdirSync(join(cache.path, "references", "tobs", "cam"), { recursive: true });
  mkdirSync(join(cache.path, "config", "tobs"), { recursive: true });
  writeFileSync(join(cache.path, "config", "tobs", "ref_cache_subdir_mode"), "flat");
  const source = join(cache.path, "a.fits");
  writeFileSync(source, "x");
  t.is(storeReference(cache, "tobs", "cam", source), join(cache.path, "references", "tobs", "a.fits"));
});
