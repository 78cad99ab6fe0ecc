import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { main } from "../../../src/cli/main.js";
import { fakeHost } from "../../helpers/host.js";
import { shape, writeCube, writeReads } from "../../helpers/ramp-files.js";

async function run(cwd: string, ...words: string[]) {
  const host = fakeHost({ cwd });
  const exit = await main(words, host);
  return { exit, out: host.out, err: host.err };
}

const folder = (): string => mkdtempSync(join(tmpdir(), "iris-readout-"));

test("--reject: which reads were left out is said, recorded and repeatable", async (t) => {
  const cwd = folder();
  writeCube(join(cwd, "ramp.fits"));
  const { exit, err, out } = await run(
    cwd,
    "readout",
    "ramp.fits",
    "--reject",
    "2,5",
    "--reject",
    "time > 11",
    "-o",
    "r",
  );
  t.is(exit, 0, err);
  t.regex(err, /6 of 12 reads left out by --reject 2,5 or time > 11: 2 of ramp 1, 5 of ramp 1, 6 of ramp 1/);
  t.regex(out, /^r\/ramp_rate\.fits {3}utr {3}min/);
  const prov = await run(cwd, "prov", "r/ramp_rate.fits");
  t.regex(prov.out, /^command +iris readout .*--reject 2,5 --reject 'time > 11'$/m);
});

test("--reject belongs to plan, reduce and step run as well", async (t) => {
  const cwd = folder();
  writeCube(join(cwd, "ramp.fits"));
  const none = ["gain", "readnoise", "darkcurrent"].flatMap((type) => ["--ref", `${type}=N/A`]);
  const words = ["ramp.fits", "--reject", "2,5", ...none, "-o", "r"];
  const chain = ["--pipeline", "stage1", "--from", "ramp_fit"];
  const sentence = /4 of 12 reads left out by --reject 2,5: 2 of ramp 1, 5 of ramp 1/;
  t.regex((await run(cwd, "plan", ...words, ...chain)).out, sentence);
  const reduced = await run(cwd, "reduce", ...words, ...chain, "--no-quicklook");
  t.is(reduced.exit, 0, reduced.err);
  t.regex(reduced.err, sentence);
  const stepped = await run(cwd, "step", "run", "ramp_fit", ...words.slice(0, -1), "s");
  t.is(stepped.exit, 0, stepped.err);
  t.regex(stepped.err, sentence);
});

test("--follow prints each exposure's values when its product is there", async (t) => {
  const cwd = folder();
  writeReads(join(cwd, "reads"), { NUMREADS: shape.ngroups, NUMRAMPS: shape.nints });
  const words = [
    "readout",
    "--follow",
    "reads",
    "--idle",
    "0.1",
    "-o",
    "rates",
    "--ref",
    "gain=N/A",
    "--ref",
    "readnoise=N/A",
  ];
  const { exit, out, err } = await run(cwd, ...words);
  t.is(exit, 0, err);
  t.regex(out, /^rates\/IMG1_e5_rate\.fits {3}utr {3}min \S+ {3}max \S+ DN$/m);
  t.regex(err, /✓ 1 reduced/);
  const again = await run(cwd, ...words, "--json");
  const events = again.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
  t.deepEqual(
    events.map(({ type }) => type),
    ["start", "fresh", "values", "summary"],
  );
});

test("--follow samples by a fit that needs all reads, too", async (t) => {
  const cwd = folder();
  writeReads(join(cwd, "reads"), { NUMREADS: shape.ngroups, NUMRAMPS: shape.nints });
  const none = ["--ref", "gain=N/A", "--ref", "readnoise=N/A"];
  const words = ["--follow", "reads", "--mode", "ols", "--idle", "0.1", "-o", "rates", ...none];
  const { exit, out, err } = await run(cwd, "readout", ...words);
  t.is(exit, 0, err);
  t.regex(out, /^rates\/IMG1_e5_rate\.fits {3}ols {3}min \S+ {3}max \S+ DN$/m);
});

test("what is printed of a product stands in its headers, whatever set it", async (t) => {
  const cwd = folder();
  writeCube(join(cwd, "ramp.fits"));
  const set = ["-s", "ramp_fit.mode=mcds", "-s", "ramp_fit.unit=DN/s", "--ref", "gain=N/A"];
  const { out, err } = await run(cwd, "readout", "ramp.fits", ...set, "--ref", "readnoise=N/A", "-o", "r");
  t.regex(out, /^r\/ramp_rate\.fits {3}mcds {3}min \S+ {3}max \S+ DN\/s$/m, err);
  const json = await run(cwd, "readout", "ramp.fits", ...set, "--ref", "readnoise=N/A", "-o", "r", "--json");
  t.regex(json.out, /"type":"values".*"mode":"mcds","unit":"DN\/s"/);
});

test("the project's mode and unit stand above the command's own, below what is typed", async (t) => {
  const cwd = folder();
  writeCube(join(cwd, "ramp.fits"));
  const settings = { ramp_fit: { mode: "mcds", nreads: 3, unit: "electron/s" } };
  writeFileSync(join(cwd, "iris.json"), JSON.stringify({ params: settings }));
  const words = ["readout", "ramp.fits", "--ref", "gain=N/A", "--ref", "readnoise=N/A"];
  t.regex((await run(cwd, ...words, "-o", "r")).out, / {3}mcds {3}min \S+ {3}max \S+ electron\/s$/m);
  const typed = await run(cwd, ...words, "--unit", "DN", "-o", "s");
  t.regex(typed.out, / {3}mcds {3}min \S+ {3}max \S+ DN$/m);
  const prov = await run(cwd, "prov", "s/ramp_rate.fits");
  t.regex(prov.out, /^command +iris readout --unit DN ramp\.fits/m);
});

test("without files the hint is this command", async (t) => {
  const { exit, err } = await run(folder(), "readout");
  t.is(exit, 2);
  t.is(err, "iris: nothing to reduce: no file was named\nhint: iris readout FILE… or a folder\n");
});

test("options that don't go together", async (t) => {
  const cwd = folder();
  for (const [words, message] of [
    [["--idle", "3", "x.fits"], /--idle belongs to --follow/],
    [["--follow", "d", "x.fits"], /--follow takes the files of d as they come/],
    [["--mode", "cds", "--nreads", "2", "x.fits"], /--nreads belongs to --mode mcds, not to cds/],
    [
      ["--nreads", "2", "x.fits"],
      /--nreads belongs to --mode mcds\nhint: iris readout --mode mcds --nreads 2/,
    ],
    [["--follow", "d", "--idle", "soon"], /"soon" is no number of seconds/],
    [["--reject", "seeing >", "x.fits"], /cannot understand --reject "seeing >"/],
  ] as const) {
    const { exit, err } = await run(cwd, "readout", ...words);
    t.is(exit, 2, err);
    t.regex(err, message);
  }
});
