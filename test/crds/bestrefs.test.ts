import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { bestrefs, openCache, resolveContext, type BestRef, type CrdsHeader } from "../../src/crds/index.js";
import { CalibrationError, RulesError, UsageError } from "../../src/errors.js";
import { cacheOf, makeCacheFolder, makeRules } from "./helpers.js";

const rules = `Match({
  ('A', 'X') : UseAfter({ '2010-01-01 00:00:00' : 'ax_2010.fits', '2020-01-01 00:00:00' : 'ax_2020.fits' }),
  ('A', 'N/A') : UseAfter({ '2000-01-01 00:00:00' : 'a_2000.fits' }),
  ('A|B', '*') : UseAfter({ '2015-01-01 00:00:00' : 'ab_2015.fits' }),
})`;
const parkey = "'parkey' : (('P1', 'P2'), ('DATE-OBS',)),";
const header = (more: CrdsHeader): CrdsHeader => ({ INSTRUME: "CAM", ...more });

const flat = (rmap: string, extra: string, more: CrdsHeader): BestRef | undefined =>
  bestrefs(cacheOf(rmap, extra), "tobs_0001.pmap", header(more))["flat"];

const nameOf = (result: BestRef | undefined): unknown =>
  result?.kind === "file" ? result.name : result?.kind === "notFound" ? result.class : result?.kind;

test("the heaviest rule with a date early enough is chosen, rules of one weight are merged by date", (t) => {
  const choose = (P1: string, P2: string, date: string): unknown =>
    nameOf(flat(rules, parkey, { P1, P2, "DATE-OBS": date }));
  // weight 2: ('A','X') and ('A|B','*') merge to 2010 ax, 2015 ab, 2020 ax
  t.is(choose("a", "x", "2012-01-01"), "ax_2010.fits");
  t.is(choose("A", "X", "2016-01-01"), "ab_2015.fits");
  t.is(choose("A", "X", "2020-01-01"), "ax_2020.fits");
  // nothing of weight 2 before 2010: the next lighter rule
  t.is(choose("A", "X", "2005-01-01"), "a_2000.fits");
  t.is(choose("A", "X", "1999-12-31"), "noMatch");
  t.is(choose("A", "Y", "2014-06-01"), "a_2000.fits");
  t.is(choose("C", "X", "2014-06-01"), "invalidValue");
  t.is(choose("A", "X", "yesterday"), "date");
  t.is(nameOf(flat(rules, parkey, { P1: "A", P2: "X" })), "date");
});

test("types that are N/A or omitted, and types nobody knows", (t) => {
  const results = bestrefs(cacheOf(rules, parkey), "tobs_0001.pmap", header({}), ["DARK", "mask", "nosuch"]);
  t.deepEqual(Object.keys(results), ["dark", "nosuch"]);
  t.is(results["dark"]!.kind, "n/a");
  t.is(nameOf(results["nosuch"]), "unknownType");
});

test("merge_overlaps False makes equal weights ambiguous", (t) => {
  const result = flat(rules, `${parkey} 'merge_overlaps' : False,`, {
    P1: "A",
    P2: "X",
    "DATE-OBS": "2016-01-01",
  });
  t.is(nameOf(result), "ambiguous");
});

test("relevance, omission, keyword relevance, substitutions and comments", (t) => {
  const two = "Match({ ('A', 'GENERIC') : 'g.fits', ('A', 'S') : 's.fits', ('B', 'N/A') : 'b.fits' })";
  const keys = "'parkey' : (('P1', 'SUBARRAY'),),";
  const choose = (extra: string, more: CrdsHeader): unknown => nameOf(flat(two, keys + extra, more));
  t.is(choose("", { P1: "A", SUBARRAY: "S" }), "s.fits");
  t.is(choose("", { P1: "A", SUBARRAY: "T" }), "g.fits");
  t.is(choose(`'rmap_relevance' : '(P1 != "A")',`, { P1: "A", SUBARRAY: "S" }), "n/a");
  t.is(choose(`'rmap_relevance' : '(NOSUCH == "A")',`, { P1: "A", SUBARRAY: "S" }), "s.fits");
  t.is(choose(`'rmap_omit' : '(P1 == "A")',`, { P1: "A", SUBARRAY: "S" }), undefined);
  t.is(choose(`'rmap_omit' : 'True',`, { P1: "A", SUBARRAY: "S" }), "s.fits");
  t.is(
    choose(`'parkey_relevance' : { 'subarray' : '(P1 == "B")' },`, { P1: "A", SUBARRAY: "S" }),
    "ambiguous",
  );
  t.is(choose(`'reffile_required' : 'NO',`, { P1: "Z", SUBARRAY: "S" }), "n/a");
  t.is(choose(`'comment_parkeys' : ('P1',),`, { P1: "Z", SUBARRAY: "S" }), "s.fits");
});

test("the other selectors", (t) => {
  const by = (rmap: string, key: string, value: string): unknown =>
    nameOf(flat(rmap, `'parkey' : (('${key}',),),`, { [key]: value }));
  const near = "GeometricallyNearest({ 1.2 : 'a.fits', '1.5' : 'b.fits', 5 : 'c.fits' })";
  t.is(by(near, "WAVE", "1.4"), "b.fits");
  // |3.25 − 1.5| = |5 − 3.25|: the first in text order
  t.is(by(near, "WAVE", "3.25"), "b.fits");
  t.is(by(near, "WAVE", "blue"), "version");
  const closest = "ClosestTime({ '2000-01-01 00:00:00' : 'a.fits', '2010-01-01 00:00:00' : 'b.fits' })";
  t.is(by(closest, "DATE-OBS", "2005-01-02"), "b.fits");
  t.is(by(closest, "DATE-OBS", "1990-01-01"), "a.fits");
  const select = "SelectVersion({ '<3.1' : 'a.fits', '=7' : 'b.fits', 'default' : 'c.fits' })";
  t.deepEqual(
    ["3", "3.1", "7", "8"].map((v) => by(select, "VER", v)),
    ["a.fits", "b.fits", "b.fits", "c.fits"],
  );
  const after = "VersionAfter({ '0.7' : 'a.fits', '0.50.1' : 'b.fits' })";
  t.deepEqual(
    ["0.7.0rc1", "0.50.0", "0.50.1", "0.6"].map((v) => by(after, "VER", v)),
    ["a.fits", "a.fits", "b.fits", "noMatch"],
  );
  t.deepEqual(
    flat("Bracket({ 1.0 : 'a.fits', 2.0 : 'b.fits' })", "'parkey' : (('WAVE',),),", { WAVE: 1.5 }),
    {
      kind: "pair",
      names: ["a.fits", "b.fits"],
      via: ["tobs_0001.pmap", "tobs_cam_0001.imap", "tobs_cam_flat_0001.rmap"],
    },
  );
});

test("a rule can't lead out of the cache", (t) => {
  t.is(
    nameOf(flat("Match({ ('A',) : '../../etc/passwd' })", "'parkey' : (('P1',),),", { P1: "A" })),
    "internal",
  );
});

test("a lookup fails as a whole without instrument, with an unknown one, with a missing or edited mapping", (t) => {
  const folder = makeCacheFolder(makeRules(rules, parkey));
  const look = (more: CrdsHeader): unknown => bestrefs(openCache({ path: folder }), "tobs_0001.pmap", more);
  t.throws(() => look({ P1: "A" }), { instanceOf: CalibrationError, message: /no 'INSTRUME' keyword/ });
  t.throws(() => look({ INSTRUME: "EYE" }), { instanceOf: CalibrationError, message: /it knows cam/ });
  const rmap = join(folder, "mappings", "tobs", "tobs_cam_flat_0001.rmap");
  appendFileSync(rmap, "# edited\n");
  t.throws(() => look(header({})), {
    instanceOf: RulesError,
    message: /sha1sum mismatch in 'tobs_cam_flat_0001.rmap'/,
  });
  const trusting = openCache({ path: folder, env: { CRDS_IGNORE_MAPPING_CHECKSUM: "1" } });
  t.notThrows(() => bestrefs(trusting, "tobs_0001.pmap", header({})));
  rmSync(rmap);
  t.throws(() => look(header({})), { instanceOf: RulesError, message: /named by tobs_cam_0001.imap/ });
});

test("contexts: a name, the environment, a state, the newest", (t) => {
  const cache = cacheOf(rules, parkey);
  t.is(resolveContext(cache), "tobs_0001.pmap");
  t.is(resolveContext(cache, "tobs_cam_0001.imap"), "tobs_cam_0001.imap");
  t.is(resolveContext({ ...cache, env: { CRDS_CONTEXT: "tobs_0001.pmap" } }), "tobs_0001.pmap");
  for (const CRDS_CONTEXT of ["tobs_cam_flat_0001.rmap", "tobs-cam-operational"])
    t.throws(() => resolveContext({ ...cache, env: { CRDS_CONTEXT } }), { message: /expected a pmap/ });
  t.throws(() => resolveContext(cache, "tobs_0009.pmap"), { message: /it isn't in the cache/ });
  t.throws(() => resolveContext({ ...cache, env: { CRDS_CONTEXT: "tobs_0009.pmap" } }), {
    instanceOf: CalibrationError,
  });
  t.throws(() => resolveContext(cache, "tobs-operational"), { instanceOf: CalibrationError });
  t.throws(() => resolveContext(cache, "tobs-2020-01-01"), { instanceOf: CalibrationError });
  t.throws(() => resolveContext(cache, "what"), { instanceOf: UsageError });
  t.throws(() => openCache({ path: "/no/such/cache" }), { instanceOf: CalibrationError });
});
