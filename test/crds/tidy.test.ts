import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { chooseContexts } from "../../src/crds/cache-remote/choose-contexts.js";
import { takeLock } from "../../src/crds/cache-remote/lock.js";
import { lockPath, referenceFolder } from "../../src/crds/cache-store.js";
import { organizeCache, purgeCache } from "../../src/crds/cache-tidy.js";
import { bestrefs, openCache, referencePath, storeConfig } from "../../src/crds/rules.js";
import { RulesError, UsageError } from "../../src/errors.js";
import { iris } from "./command.js";
import { makeCacheFolder, makeRules, mappingText } from "./helpers.js";

const parkey = "'parkey' : (('P1',), ('DATE-OBS',)),";
const rule = (file: string): string => `Match({ ('A',) : UseAfter({ '2000-01-01 00:00:00' : '${file}' }) })`;
const header = { INSTRUME: "CAM", P1: "A", "DATE-OBS": "2021-01-01" };

/** Three contexts; the second and third have another flat, of a name that tells no instrument. */
function makeSource(): string {
  const root = makeCacheFolder({
    ...makeRules(rule("tobs_cam_flat_0001.fits"), parkey),
    "tobs_0002.pmap": mappingText("tobs_0002.pmap", "{ 'CAM' : 'tobs_cam_0002.imap' }"),
    "tobs_0003.pmap": mappingText("tobs_0003.pmap", "{ 'CAM' : 'tobs_cam_0002.imap' }"),
    "tobs_cam_0002.imap": mappingText("tobs_cam_0002.imap", "{ 'FLAT' : 'tobs_cam_flat_0002.rmap' }"),
    "tobs_cam_flat_0002.rmap": mappingText("tobs_cam_flat_0002.rmap", rule("odd_flt.fits"), parkey),
  });
  const folder = join(root, "references", "tobs", "cam");
  mkdirSync(folder, { recursive: true });
  for (const name of ["tobs_cam_flat_0001.fits", "odd_flt.fits"]) writeFileSync(join(folder, name), name);
  return root;
}

const emptyFolder = (): string => mkdtempSync(join(tmpdir(), "crds-tidy-"));

async function sync(
  folder: string,
  ...words: string[]
): Promise<{ out: string[]; err: string; exit: number }> {
  const said = await iris(["crds", "sync", ...words], { cwd: folder, env: { CRDS_PATH: folder } });
  return { ...said, out: said.out.split("\n").filter(Boolean) };
}

const mappingsIn = (folder: string): string[] => readdirSync(join(folder, "mappings", "tobs"));

test("contexts by their numbers, by their neighbours, from the end", (t) => {
  const all = ["tobs_0010.pmap", "tobs.pmap", "tobs_0009.pmap", "tobs_cam_0001.imap", "tobs_0011.pmap"];
  const numbers = (choice: Parameters<typeof chooseContexts>[1]): string =>
    chooseContexts(all, choice)
      .map((name) => name.replace(/\D/g, "") || "none")
      .join(" ");
  t.is(numbers({ all: true }), "none 0009 0010 0011");
  t.is(numbers({ range: "9:10" }), "0009 0010");
  t.is(numbers({ range: "10:" }), "0010 0011");
  t.is(numbers({ last: 2 }), "0010 0011");
  t.is(numbers({ upTo: "tobs_0009.pmap" }), "none 0009");
  t.is(numbers({ after: "tobs_0009.pmap", upTo: "tobs_0010.pmap" }), "0009 0010");
  t.throws(() => numbers({ range: "ten" }), { instanceOf: UsageError });
  t.throws(() => numbers({ after: "tobs_0012.pmap" }), { instanceOf: UsageError, message: /tobs_0011/ });
  t.throws(() => numbers({ range: "20:30" }), { instanceOf: UsageError });
});

test("sync --last-n-contexts fetches what they need, and --purge removes what they don't", async (t) => {
  const [source, folder] = [makeSource(), emptyFolder()];
  const all = await sync(folder, "--from", source, "--all", "--fetch-references");
  t.deepEqual(all.out, ["tobs_0001.pmap", "tobs_0002.pmap", "tobs_0003.pmap"]);
  const before = mappingsIn(folder);
  const last = ["--last-n-contexts", "1", "--purge-mappings", "--purge-references"];
  const dry = await sync(folder, ...last, "--dry-run");
  t.regex(dry.err, /would remove tobs_0001\.pmap/);
  t.deepEqual(mappingsIn(folder), before);
  writeFileSync(join(folder, "references", "tobs", "cam", "NOTES"), "somebody's own");
  const { err, exit } = await sync(folder, ...last);
  t.is(exit, 0, err);
  t.deepEqual(mappingsIn(folder), ["tobs_0003.pmap", "tobs_cam_0002.imap", "tobs_cam_flat_0002.rmap"]);
  t.deepEqual(readdirSync(join(folder, "references", "tobs", "cam")), ["NOTES", "odd_flt.fits"]);
});

test("a purge for a context that can't be loaded removes nothing", (t) => {
  const folder = makeSource();
  const cache = openCache({ path: folder });
  const options = { mappings: true, references: true, dryRun: false };
  t.throws(() => purgeCache(cache, "tobs", ["tobs_0009.pmap"], options), { instanceOf: RulesError });
  t.is(mappingsIn(folder).length, 7);
});

test("--check-files names what differs from the record or the source, and fetches nothing", async (t) => {
  const [source, folder] = [makeSource(), emptyFolder()];
  await sync(folder, "--from", source, "--fetch-references");
  t.deepEqual(await sync(folder, "--check-files", "--check-sha1sum"), { out: [], err: "", exit: 0 });
  const reference = join(folder, "references", "tobs", "cam", "odd_flt.fits");
  writeFileSync(reference, "odd_flt.fitz");
  t.is((await sync(folder, "--check-files")).exit, 0, "the size is right");
  const found = await sync(folder, "--check-files", "--check-sha1sum");
  t.is(found.exit, 1);
  t.regex(found.out[0]!, /^odd_flt\.fits: SHA-1 /);
  const named = await sync(folder, "--from", source, "--check-files", "odd_flt.fits", "no.fits");
  t.deepEqual(named.out, ["no.fits: isn't in the cache", "no.fits: the source doesn't know it"]);
  t.is(readFileSync(reference, "utf8"), "odd_flt.fitz");
});

test("--files fetches these and no others; --dataset-files what exposures need", async (t) => {
  const [source, folder] = [makeSource(), emptyFolder()];
  await sync(folder, "--from", source, "--files", "tobs_cam_flat_0001.rmap");
  t.deepEqual(mappingsIn(folder), ["tobs_cam_flat_0001.rmap"]);
  writeFileSync(join(folder, "header.json"), JSON.stringify(header));
  const words = ["--contexts", "tobs_0001.pmap", "--dataset-files", "header.json"];
  const { exit, err } = await sync(folder, "--from", source, ...words);
  t.is(exit, 0, err);
  t.deepEqual(readdirSync(join(folder, "references", "tobs", "cam")), ["tobs_cam_flat_0001.fits"]);
});

test("--output-dir copies the files side by side and needs no cache", async (t) => {
  const [source, cwd] = [makeSource(), emptyFolder()];
  const copy = (...words: string[]): ReturnType<typeof iris> =>
    iris(["crds", "sync", "--from", source, "--output-dir", "copy", ...words], { cwd, env: {} });
  const folder = join(cwd, "copy");
  // one of that name a folder deeper isn't the copy
  mkdirSync(join(folder, "mine"), { recursive: true });
  writeFileSync(join(folder, "mine", "odd_flt.fits"), "mine");
  const { exit, err } = await copy("--contexts", "tobs_0003.pmap", "--fetch-references");
  t.is(exit, 0, err);
  const files = ["tobs_0003.pmap", "tobs_cam_0002.imap", "tobs_cam_flat_0002.rmap"];
  t.deepEqual(readdirSync(folder), ["mine", "odd_flt.fits", ...files]);
  await copy("--files", "tobs_cam_flat_0001.fits");
  t.true(existsSync(join(folder, "tobs_cam_flat_0001.fits")));
  const again = await copy("--contexts", "tobs_0003.pmap", "--fetch-references");
  t.regex(again.err, /0 fetched \(0 bytes\) {3}4 there already/);
  t.is((await copy("--organize", "flat")).exit, 2);
});

test("a failed sync leaves the configuration as it was, unless --force-config-update", async (t) => {
  const [source, folder] = [makeSource(), emptyFolder()];
  rmSync(join(source, "references", "tobs", "cam", "odd_flt.fits"));
  const config = join(folder, "config", "tobs", "server_config");
  const words = ["--from", source, "--fetch-references", "--retries", "0"];
  t.is((await sync(folder, ...words)).exit, 3);
  t.false(existsSync(config));
  t.is((await sync(folder, ...words, "--force-config-update", "--dry-run")).exit, 0);
  t.false(existsSync(config));
  t.is((await sync(folder, ...words, "--force-config-update")).exit, 3);
  t.regex(readFileSync(config, "utf8"), /'latest_context': 'tobs_0003\.pmap'/);
  t.false(existsSync(join(folder, "mappings")));
});

test("--clear-locks removes locks, asks no source and does nothing else", async (t) => {
  const folder = makeSource();
  const path = lockPath(openCache({ path: folder }), "tobs");
  takeLock(path);
  const env = { CRDS_PATH: folder, CRDS_SERVER_URL: "http://127.0.0.1:9" };
  const clear = (...words: string[]): ReturnType<typeof iris> =>
    iris(["crds", "sync", "--clear-locks", ...words], { cwd: folder, env });
  t.regex((await clear("--dry-run")).err, /would remove tobs\.lock: process \d+ on .* may still be at work/);
  t.true(existsSync(path));
  const { exit, err } = await clear();
  t.is(exit, 0, err);
  t.false(existsSync(path));
  takeLock(path)();
  const nobody = JSON.stringify({ v: 1, dryRun: false, cleared: [] });
  t.is((await clear("--json")).out.trim(), nobody);
});

test("references move to another layout and are found there; one in the way stays until it may go", (t) => {
  const folder = makeSource();
  const cache = openCache({ path: folder });
  const below = join(folder, "references", "tobs");
  const keep = { replace: false, dryRun: false };
  t.deepEqual(organizeCache(cache, "tobs", "flat", { ...keep, dryRun: true }).moved.length, 2);
  t.deepEqual(readdirSync(below), ["cam"]);
  t.deepEqual(organizeCache(cache, "tobs", "flat", keep).moved, ["odd_flt.fits", "tobs_cam_flat_0001.fits"]);
  t.is(referencePath(cache, "odd_flt.fits"), join(below, "odd_flt.fits"));
  t.is(referenceFolder(cache, "tobs", "CAM"), below);
  writeFileSync(join(below, "nobody.fits"), "");
  mkdirSync(join(below, "cam"), { recursive: true });
  writeFileSync(join(below, "cam", "odd_flt.fits"), "junk");
  const { moved, left } = organizeCache(cache, "tobs", "instrument", keep);
  t.deepEqual(moved, ["tobs_cam_flat_0001.fits"]);
  t.deepEqual(
    left.map(({ name }) => name),
    ["nobody.fits", "odd_flt.fits"],
  );
  t.deepEqual(organizeCache(cache, "tobs", "instrument", { ...keep, replace: true }).moved, ["odd_flt.fits"]);
  t.is(readFileSync(join(below, "cam", "odd_flt.fits"), "utf8"), "odd_flt.fits");
  t.is(referenceFolder(cache, "tobs", "CAM"), join(below, "cam"));
});

test("in the legacy layout a variable names the folder of an instrument", (t) => {
  const [folder, jref] = [makeSource(), emptyFolder()];
  mkdirSync(join(folder, "config", "hst"), { recursive: true });
  writeFileSync(join(folder, "config", "hst", "ref_cache_subdir_mode"), "legacy");
  const cache = openCache({ path: folder, env: { jref } });
  t.is(referenceFolder(cache, "hst", "ACS"), jref);
  t.is(referenceFolder(cache, "hst", "WFC3"), join(folder, "references", "hst"));
  writeFileSync(join(jref, "a1b_drk.fits"), "");
  t.is(referencePath({ ...cache, observatory: "hst" }, "a1b_drk.fits"), join(jref, "a1b_drk.fits"));
});

test("withdrawn rules fail a lookup unless they are allowed; withdrawn references are told", async (t) => {
  const folder = makeSource();
  const look = (env: Record<string, string> = {}): unknown =>
    bestrefs(openCache({ path: folder, env }), "tobs_0001.pmap", header)["flat"];
  storeConfig(openCache({ path: folder }), "tobs", { bad_files_list: ["tobs_cam_flat_0001.rmap"] });
  t.throws(() => look(), { instanceOf: RulesError, message: /tobs_cam_flat_0001\.rmap were withdrawn/ });
  t.like(look({ CRDS_ALLOW_BAD_RULES: "1" }), { name: "tobs_cam_flat_0001.fits" });
  storeConfig(openCache({ path: folder }), "tobs", { bad_files_list: ["tobs_cam_flat_0001.fits"] });
  t.like(look(), { name: "tobs_cam_flat_0001.fits" });
  t.false(existsSync(join(folder, "locks")));
});
