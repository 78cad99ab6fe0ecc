import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { makeCli } from "../../src/cli/cli.js";
import { register } from "../../src/cli/commands/crds.js";
import { fakeHost } from "../helpers/host.js";
import { iris as run, type Said } from "./command.js";
import { makeCacheFolder, makeRules, mappingText } from "./helpers.js";

const rules =
  "Match({ ('A',) : UseAfter({ '2000-01-01 00:00:00' : 'a.fits', '2020-01-01 00:00:00' : 'b.fits' }) })";
const parkey = "'parkey' : (('P1',), ('DATE-OBS',)),";

const folder = makeCacheFolder({
  ...makeRules(rules, parkey),
  "tobs_0002.pmap": mappingText("tobs_0002.pmap", "{ 'CAM' : 'tobs_cam_0002.imap' }"),
  "tobs_cam_0002.imap": mappingText("tobs_cam_0002.imap", "{ 'FLAT' : 'tobs_cam_flat_0002.rmap' }"),
  "tobs_cam_flat_0002.rmap": mappingText(
    "tobs_cam_flat_0002.rmap",
    rules.replace("b.fits", "c.fits"),
    parkey,
  ),
});
const cwd = mkdtempSync(join(tmpdir(), "crds-cli-"));
const header = { INSTRUME: "CAM", P1: "A", "DATE-OBS": "2021-01-01" };
writeFileSync(join(cwd, "header.json"), JSON.stringify(header));
writeFileSync(
  join(cwd, "batch.jsonl"),
  [header, { ...header, P1: "B" }, { P1: "A" }].map((h) => JSON.stringify(h)).join("\n"),
);

const iris = (...words: string[]): Promise<Said> =>
  run(["crds", ...words], { cwd, env: { CRDS_PATH: folder } });

test("bestrefs prints a file per type; --json one document", async (t) => {
  const { out, exit } = await iris("bestrefs", "header.json", "--context", "tobs_0001.pmap");
  t.is(
    out,
    "header.json   context tobs_0001.pmap\n  dark  not applicable: tobs_cam_0001.imap says N/A\n  flat  b.fits\n",
  );
  t.is(exit, 0);
  const json = JSON.parse((await iris("--json", "bestrefs", "header.json", "--types", "flat")).out) as object;
  t.like(json, {
    v: 1,
    context: "tobs_0002.pmap",
    files: [{ file: "header.json", results: { flat: { kind: "file", name: "c.fits" } } }],
  });
});

test("--batch gives one line per header, and goes on after a bad one", async (t) => {
  const { out, exit } = await iris(
    "bestrefs",
    "--batch",
    "batch.jsonl",
    "--context",
    "tobs_0001.pmap",
    "--types",
    "flat",
  );
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.like(lines[0], { line: 1, results: { flat: { name: "b.fits" } } });
  t.like(lines[1], { line: 2, results: { flat: { kind: "notFound", class: "invalidValue" } } });
  t.like(lines[2], { line: 3, error: { code: "E_CALIBRATION" } });
  t.is(exit, 3);
});

test("--old-context lists what a change affects", async (t) => {
  const { out } = await iris(
    "bestrefs",
    "header.json",
    "--old-context",
    "tobs_0001.pmap",
    "--new-context",
    "tobs_0002.pmap",
    "--types",
    "flat",
  );
  t.is(out, "header.json flat: b.fits → c.fits\n");
});

test("list, uses, matches, diff, certify, checksum, info say what they are asked, and nothing more", async (t) => {
  t.is((await iris("list")).out, "tobs_0001.pmap\ntobs_0002.pmap\n");
  t.is((await iris("list", "--references", "--contexts", "tobs_0002.pmap")).out, "a.fits\nc.fits\n");
  t.is((await iris("uses", "c.fits")).out, "tobs_0002.pmap\ntobs_cam_0002.imap\ntobs_cam_flat_0002.rmap\n");
  t.is((await iris("matches", "c.fits")).out, " c.fits : CAM FLAT P1='A' DATE-OBS='2020-01-01 00:00:00'\n");
  const diff = await iris("diff", "crds://tobs_0001.pmap", "crds://tobs_0002.pmap", "-F", "-Q");
  t.regex(diff.out, /-- A -- 2020-01-01 00:00:00 -- replaced b.fits with c.fits\n/);
  t.is(diff.exit, 1);
  t.like(await iris("-q", "certify", "crds://tobs_0002.pmap"), { out: "", exit: 0 });
  t.like(await iris("-q", "checksum", "crds://tobs_0002.pmap"), { out: "", exit: 0 });
  t.like(JSON.parse((await iris("--json", "info")).out) as object, {
    observatory: "tobs",
    context: "tobs_0002.pmap",
    contexts: 2,
  });
});

test("trouble has a message, a hint and a status", async (t) => {
  const nothing = await iris("bestrefs");
  t.is(nothing.exit, 2);
  t.regex(nothing.err, /hint/);
  t.is((await iris("list", "--mappings", "--contexts", "tobs_0009.pmap")).exit, 3);
  t.is((await iris("explain", "header.json", "--type", "falt")).exit, 3);
  t.is((await iris("bestrefs", "header.json", "--context", "no such context")).exit, 2);
  t.is((await iris("sync", "--from", "/no/such/folder")).exit, 2);
});

test("of a batch and two contexts only the headers are told whose references change", async (t) => {
  const words = [
    "--batch",
    "batch.jsonl",
    "--old-context",
    "tobs_0001.pmap",
    "--new-context",
    "tobs_0002.pmap",
  ];
  const lines = (await iris("bestrefs", ...words)).out.trim().split("\n");
  t.deepEqual(
    lines.map((line) => JSON.parse(line) as object),
    [
      {
        v: 1,
        line: 1,
        oldContext: "tobs_0001.pmap",
        context: "tobs_0002.pmap",
        changes: [
          { type: "dark", old: "not applicable: tobs_cam_0001.imap says N/A", new: "left out" },
          { type: "flat", old: "b.fits", new: "c.fits" },
        ],
      },
      {
        v: 1,
        line: 2,
        oldContext: "tobs_0001.pmap",
        context: "tobs_0002.pmap",
        changes: [{ type: "dark", old: "not applicable: tobs_cam_0001.imap says N/A", new: "left out" }],
      },
    ],
  );
});

test("a lookup that is asked by name is registered alone; anything else sees all commands", async (t) => {
  const registered = async (...words: string[]): Promise<string[]> => {
    const cli = makeCli(fakeHost(), words);
    await register(cli);
    return cli.program.commands[0]!.commands.map((each) => each.name());
  };
  t.deepEqual(await registered("-q", "crds", "bestrefs", "a.fits"), ["bestrefs"]);
  const all = await registered();
  t.true(all.includes("bestrefs") && all.includes("sync"));
  t.deepEqual(await registered("crds", "--help"), all);
  t.deepEqual(await registered("crds", "explian", "bestrefs"), all);
});
