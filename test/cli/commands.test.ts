import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "ava";
import { main } from "../../src/cli/main.js";
import { fakeHost, folderWith } from "../helpers/host.js";

/** A folder of its own with the fixtures in it. */
function place(files: Record<string, string> = {}): string {
  const folder = folderWith(files);
  symlinkSync(resolve("fixtures"), join(folder, "fixtures"));
  return folder;
}

async function run(cwd: string, ...argv: string[]) {
  const host = fakeHost({ cwd });
  const exit = await main(argv, host);
  return { exit, out: host.out, err: host.err };
}

const raw = "fixtures/iris_utr.fits";

test("reduce, again, status, prov: made once, up to date, fresh, verified", async (t) => {
  const cwd = place();
  const first = await run(cwd, "reduce", raw, "-o", "red", "-j", "1");
  t.is(first.exit, 0, first.err);
  t.regex(first.err, /✓ fixtures\/iris_utr\.fits → red\/iris_utr_cal\.fits {3}\d/);
  t.true(existsSync(join(cwd, "red", "iris_utr_cal.fits")));
  t.true(existsSync(join(cwd, "red", "iris_utr_cal.png")));
  t.false(existsSync(join(cwd, "red", ".iris", "runs", `${process.pid}.json`)));
  const again = await run(cwd, "reduce", raw, "-o", "red", "-j", "1");
  t.regex(again.err, /^✓ 1 up to date/);
  const status = await run(cwd, "status", "red", "--json");
  t.like(JSON.parse(status.out), {
    unfinished: 0,
    products: [{ output: "iris_utr_cal.fits", state: "fresh" }],
  });
  t.is((await run(cwd, "status", "red", "-q")).exit, 0);
  const prov = await run(cwd, "prov", "red/iris_utr_cal.fits");
  t.regex(prov.out, /^command +iris reduce fixtures\/iris_utr\.fits$/m);
  const verified = await run(cwd, "prov", "red/iris_utr_cal.fits", "--verify");
  t.is(verified.exit, 0, verified.out);
  const rerun = await run(cwd, "prov", "red/iris_utr_cal.fits", "--rerun", "again");
  t.is(rerun.exit, 0, rerun.err);
  t.regex(rerun.out, /✓ again\/iris_utr_cal\.fits has the same data$/m);
});

test("words that nothing answers to are errors, of a folder and of a file, and a plan of nothing isn't success", async (t) => {
  const cwd = place();
  const said = async (...words: string[]) => {
    const { exit, err } = await run(cwd, "plan", ...words, "-o", "red");
    return [exit, err.split("\n")[0]];
  };
  const nonsense = await said("fixtures", "--until", "flat_feild");
  t.deepEqual(nonsense, [2, 'iris: --until has no "flat_feild"; did you mean "flat_field"?']);
  t.deepEqual(await said("fixtures", "--own", "foo"), [2, 'iris: --own has no "foo"']);
  t.is((await said("fixtures", "--only", "detector=IMG9"))[0], 2);
  t.deepEqual(await said("fixtures", "--only", "mosaic", "--target", "SIM SKY"), [2, ""]);
  t.deepEqual(await said("fixtures/iris_sci_rate.fits", "--from", "flat_field", "--until", "dark_sub"), [
    2,
    "iris: nothing lies from flat_field to dark_sub: in image2, dark_sub comes first",
  ]);
});

test("words that change nothing are said: of steps that don't run, of references that none of them asks for", async (t) => {
  const cwd = place();
  const words = ["fixtures/iris_sci_rate.fits", "-o", "red", "--skip", "flat_field"];
  const more = ["--ref", "flat=fixtures/iris_flat.fits", "-s", "normalize.method=mean", "--skip", "jump"];
  const { exit, err } = await run(cwd, "plan", ...words, ...more);
  t.is(exit, 0);
  t.deepEqual(err.trim().split("\n"), [
    "! -s normalize.method changes nothing: no product of this run goes through that step",
    "! --ref flat=fixtures/iris_flat.fits changes nothing: no step that runs asks for it",
    "! --skip jump changes nothing: no product of this run goes through that step",
  ]);
  t.is((await run(cwd, "plan", ...words, "-s", "dark_sub.propagate_err=false")).err, "");
  await run(cwd, "plan", ...words, "-o", "plan.json");
  const given = await run(cwd, "reduce", "plan.json", "-s", "dark_sub.propagate_err=false");
  t.is(given.exit, 2);
  t.regex(given.err, /^iris: -s, --ref and --skip change nothing in a plan that is given/);
});

test("plan says what reduce does, writes nothing, and what it saves can be run", async (t) => {
  const cwd = place();
  const { exit, out } = await run(cwd, "plan", raw, "-o", "red", "-s", "ramp_fit.mode=cds");
  t.is(exit, 0);
  t.regex(out, /dq_init → saturation → linearity → jump → ramp_fit → dark_sub → flat_field/);
  t.regex(out, /→ red\/iris_utr_cal\.fits/);
  t.regex(out, /^references$/m);
  t.false(existsSync(join(cwd, "red")));
  t.is((await run(cwd, "reduce", raw, "-o", "red", "-s", "ramp_fit.mode=cds", "-n")).out, out);
  const saved = await run(cwd, "plan", raw, "-o", "red", "--save", "plan.json");
  t.deepEqual(saved, { exit: 0, out: "", err: "" });
  const plan = JSON.parse(readFileSync(join(cwd, "plan.json"), "utf8")) as { products: object[] };
  t.is(plan.products.length, 1);
  const ran = await run(cwd, "reduce", "plan.json", "-j", "1");
  t.is(ran.exit, 0, ran.err);
  t.true(existsSync(join(cwd, "red", "iris_utr_cal.fits")));
});

test("--json: a plan is one document, a run is lines", async (t) => {
  const cwd = place();
  const plan = await run(cwd, "plan", raw, "--json");
  t.like(JSON.parse(plan.out), { v: 1, type: "plan" });
  const ran = await run(cwd, "reduce", raw, "--json", "-j", "1");
  const types = ran.out
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { v: number; type: string }).type);
  t.is(types[0], "start");
  t.is(types.at(-1), "summary");
  t.true(types.includes("product"));
  t.is(ran.err, "");
});

test("a bad file fails, the others are finished, exit 1; alone it is exit 3; --fail-fast starts nothing", async (t) => {
  const cwd = place({ "bad.fits": "this is no FITS file" });
  const both = await run(cwd, "reduce", "bad.fits", raw, "-o", "red", "-j", "1");
  t.is(both.exit, 1, both.err);
  t.true(existsSync(join(cwd, "red", "iris_utr_cal.fits")));
  t.regex(both.err, /^✗ .*bad\.fits/m);
  t.is((await run(cwd, "reduce", "bad.fits", "-o", "red2")).exit, 3);
  const fast = await run(cwd, "reduce", "bad.fits", raw, "-o", "red3", "--fail-fast");
  t.is(fast.exit, 3);
  t.false(existsSync(join(cwd, "red3")));
});

test("where no folder can be made nothing starts, exit 2", async (t) => {
  const cwd = place({ file: "" });
  for (const out of ["file", ...(process.platform === "linux" ? ["/proc/none"] : [])]) {
    const { exit, err } = await run(cwd, "reduce", raw, "-o", out, "-j", "1");
    t.is(exit, 2, err);
    t.true(err.startsWith(`iris: cannot write to ${out}`), err);
  }
});

test("the ancestor's run: parameter file and association, in the ancestor's order of words", async (t) => {
  const cwd = place();
  const { exit, err } = await run(
    cwd,
    "reduce",
    "fixtures/image2_iris.cfg",
    "fixtures/iris_asn.json",
    "-o",
    "red",
    "-j",
    "1",
  );
  t.is(exit, 0, err);
  t.regex(err, /✓ 1 reduced/);
});

test("readout gives the instrument's numbers and says what it assumed", async (t) => {
  const cwd = place();
  const { exit, out, err } = await run(cwd, "readout", raw, "--mode", "utr", "-o", "rates", "-j", "1");
  t.is(exit, 0, err);
  t.regex(out, /^rates\/iris_utr_rate\.fits {3}utr {3}min .* max .* DN/);
  const wrong = await run(cwd, "readout", raw, "--mode", "cds", "--nreads", "2");
  t.is(wrong.exit, 2);
  t.regex(wrong.err, /^iris: --nreads belongs to --mode mcds, not to cds/);
});

test("step list, describe, pipeline list and show, in words and as JSON", async (t) => {
  const cwd = place();
  t.regex((await run(cwd, "step", "list")).out, /^ramp_fit +ramp → rate /m);
  t.regex((await run(cwd, "step", "describe", "FlatFieldStep")).out, /^flat_field /);
  const described = JSON.parse((await run(cwd, "step", "describe", "ramp_fit", "--json")).out) as {
    parameters: { name: string; default: unknown; choices: string[] }[];
  };
  const mode = described.parameters.find(({ name }) => name === "mode")!;
  t.deepEqual([mode.default, mode.choices.includes("cds")], ["utr", true]);
  t.regex((await run(cwd, "pipeline", "list")).out, /^image2 +image → image /m);
  t.regex((await run(cwd, "pipeline", "show", "ProcessImagerL2Pipeline")).out, /^imager2 /);
});

test("step run: settings need no step's name, a module is a step", async (t) => {
  const cwd = place();
  copyFileSync("test/cli/double.mjs", join(cwd, "double.mjs"));
  symlinkSync(resolve("node_modules"), join(cwd, "node_modules"));
  const { exit, err } = await run(
    cwd,
    "step",
    "run",
    "ramp_fit",
    raw,
    "-s",
    "mode=cds",
    "-o",
    "a",
    "-j",
    "1",
  );
  t.is(exit, 0, err);
  t.true(existsSync(join(cwd, "a", "iris_utr_ramp_fit.fits")));
  const doubled = await run(
    cwd,
    "step",
    "run",
    "./double.mjs",
    "fixtures/iris_sci_rate.fits",
    "-s",
    "factor=4",
    "-o",
    "b",
    "-j",
    "1",
  );
  t.is(doubled.exit, 0, doubled.err);
  const wrong = await run(cwd, "step", "run", "./double.mjs", "fixtures/iris_sci_rate.fits", "-s", "facto=4");
  t.regex(wrong.err, /^iris: double has no parameter "facto"; did you mean "factor"\?/);
});

test("config show says which file a value is from", async (t) => {
  const cwd = place({ "iris.json": '{"jobs": 1, "params": {"ramp_fit": {"mode": "cds"}}}' });
  const { out } = await run(cwd, "config", "show", "--origin");
  t.regex(out, /^jobs +1 +iris\.json$/m);
  t.regex(out, /^ramp_fit\.mode +cds +iris\.json$/m);
  t.regex(out, /^quicklook +true +default$/m);
});

test("doctor finds the calibrations, and a folder that can't be one", async (t) => {
  const cwd = place({ file: "" });
  const fine = await run(cwd, "doctor");
  t.is(fine.exit, 0, fine.out);
  t.regex(fine.out, /^✓ rules of tmt: \d+ mappings, all sums right$/m);
  const wrong = await run(cwd, "doctor", "-o", "file");
  t.is(wrong.exit, 1);
  t.regex(wrong.out, /^✗ output file: it is a file\n {2}hint: name a folder with -o$/m);
});

test("resume does what a killed run left, and forgets the note", async (t) => {
  const cwd = place();
  const notes = join(cwd, "red", ".iris", "runs");
  mkdirSync(notes, { recursive: true });
  const flags = { set: [], ref: [], skip: [], background: [], allowMissing: [], quicklook: false, jobs: 1 };
  // No process has this number: the kernel's largest is 2²² − 1.
  writeFileSync(
    join(notes, "4194304.json"),
    JSON.stringify({ v: 1, pid: 4194304, cwd, env: {}, words: [raw], flags, fixed: { command: ["reduce"] } }),
  );
  t.is((await run(cwd, "status", "red", "-q")).exit, 1);
  const resumed = await run(cwd, "resume", "red");
  t.is(resumed.exit, 0, resumed.err);
  t.true(existsSync(join(cwd, "red", "iris_utr_cal.fits")));
  t.false(existsSync(join(notes, "4194304.json")));
  t.is((await run(cwd, "resume", "red")).err, "nothing to resume in red\n");
});

test("completion scripts name commands, steps and pipelines", async (t) => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { exit, out } = await run("/", "completion", shell);
    t.is(exit, 0);
    for (const word of ["reduce", "describe", "ramp_fit", "image2"])
      t.true(out.includes(word), `${shell} ${word}`);
  }
});
