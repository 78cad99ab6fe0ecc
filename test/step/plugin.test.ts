import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { ConfigError } from "../../src/errors.js";
import { ownPipeline } from "../../src/step/own-pipeline.js";
import { flaw, loadPlugin } from "../../src/step/plugin.js";
import { darkSub } from "../../src/steps/dark_sub.js";

const folder = mkdtempSync(join(tmpdir(), "iris-plugin-"));
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const whole = {
  name: "double",
  summary: "Multiply by two.",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_DOUBLE",
  run: () => undefined,
};

test("a module's default export becomes a step with nothing declared where nothing is said", async (t) => {
  const path = write(
    "double.mjs",
    `export default { name: "double", summary: "Multiply by two.", input: "image", output: "image",
       locality: "pixel", status: "S_DOUBLE", run: (image) => ({ status: "complete", product: image, keywords: {} }) };`,
  );
  const step = await loadPlugin(path);
  t.is(step.name, "double");
  t.is(step.version, 1);
  t.deepEqual(step.refs, {});
});

test("each flaw has its sentence", (t) => {
  t.is(flaw(whole), undefined);
  t.regex(flaw(undefined)!, /default export is not an object/);
  t.regex(flaw({ ...whole, name: "Two Words" })!, /`name`/);
  t.regex(flaw({ ...whole, input: "picture" })!, /step double: `input` must be one of ramp, rate, image/);
  t.regex(flaw({ ...whole, locality: "tile" })!, /`locality`/);
  t.regex(flaw({ ...whole, status: "DOUBLED" })!, /`status`/);
  t.regex(flaw({ ...whole, run: 3 })!, /`run`/);
  t.regex(flaw({ ...whole, params: {} })!, /`params`/);
  t.regex(flaw({ ...whole, refs: { dark: {} } })!, /reference `dark`/);
  t.is(flaw({ ...whole, params: darkSub.params, refs: darkSub.refs }), undefined);
});

test("a module that can't be loaded, or isn't a step, is a ConfigError that names it", async (t) => {
  await t.throwsAsync(loadPlugin(join(folder, "absent.mjs")), {
    instanceOf: ConfigError,
    message: /absent\.mjs/,
  });
  const path = write("empty.mjs", "export default 3;");
  await t.throwsAsync(loadPlugin(path), {
    instanceOf: ConfigError,
    message: /empty\.mjs — its default export/,
  });
});

test("a pipeline of the settings is a list of step names, plug-ins among them", async (t) => {
  const path = write(
    "thrice.mjs",
    `export default { name: "thrice", summary: "Multiply by three.", input: "image", output: "image",
       locality: "pixel", status: "S_THRICE", run: (image) => ({ status: "complete", product: image, keywords: {} }) };`,
  );
  const mine = await ownPipeline("mine", ["dark_sub", "thrice", "flat_field"], new Map([["thrice", path]]));
  t.deepEqual(
    mine.entries.map(({ step }) => step.name as string),
    ["dark_sub", "thrice", "flat_field"],
  );
  t.is(mine.suffix, "mine");
});

test("steps of a list that don't join say what the later one needs", async (t) => {
  await t.throwsAsync(ownPipeline("mine", ["flat_field", "ramp_fit"], new Map()), {
    instanceOf: ConfigError,
    message: /ramp_fit cannot take a image; it needs a ramp/,
  });
  await t.throwsAsync(ownPipeline("mine", [], new Map()), { instanceOf: ConfigError });
});

test("regrid needs plan and rows, and several exposures", (t) => {
  const step = {
    name: "grid",
    summary: "S.",
    input: "image",
    output: "image",
    status: "S_GRID",
    run: () => null,
  };
  const functions = { plan: () => null, rows: () => null };
  t.is(flaw({ ...step, locality: "group", regrid: functions }), undefined);
  t.regex(flaw({ ...step, locality: "group", regrid: {} })!, /`plan` and `rows`/);
  t.regex(flaw({ ...step, locality: "joint" })!, /`joint` with the function `rows`/);
  t.is(flaw({ ...step, locality: "joint", joint: { margin: 0, rows: () => [] } }), undefined);
  t.regex(flaw({ ...step, locality: "pixel", regrid: functions })!, /belongs to a group step/);
});
