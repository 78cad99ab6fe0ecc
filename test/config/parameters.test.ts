import test from "ava";
import * as v from "valibot";
import { emptyLayer, type Layer } from "../../src/config/layers.js";
import { commandLine, resolveParameters } from "../../src/config/parameters.js";
import { parameterInfo, parametersOf } from "../../src/config/schema-info.js";
import { readTextValue } from "../../src/config/text-value.js";
import { ConfigError, UsageError } from "../../src/errors.js";
import { complete } from "../../src/step/outcome.js";
import { defineStep } from "../../src/step/define.js";

const scale = defineStep({
  name: "scale",
  summary: "Multiply.",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_SCALE",
  params: v.object({
    factor: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(10)), 1),
      v.description("multiplier"),
    ),
    niter: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 3),
    mode: v.optional(v.picklist(["mean", "median"]), "median"),
    inverse: v.optional(v.boolean(), false),
    cuts: v.optional(v.array(v.number()), [1, 2]),
    note: v.optional(v.nullable(v.string()), null),
    width: v.optional(v.union([v.number(), v.literal("auto")]), "auto"),
  }),
  run: (image) => complete(image),
});

const layer = (origin: string, params: Record<string, unknown>): Layer => ({
  ...emptyLayer(origin),
  params: { scale: params },
});

test("a value comes from the highest layer that has it, key by key, and says which", (t) => {
  const settings = resolveParameters(scale, [
    layer("pipeline x", { factor: 2, niter: 5 }),
    layer("/a/iris.json", { factor: 3 }),
    layer(commandLine, { mode: "MEAN" }),
  ]);
  t.deepEqual(settings["factor"], { value: 3, origin: "/a/iris.json" });
  t.deepEqual(settings["niter"], { value: 5, origin: "pipeline x" });
  t.deepEqual(settings["mode"], { value: "mean", origin: commandLine });
  t.deepEqual(settings["inverse"], { value: false, origin: "default" });
  t.deepEqual(settings["cuts"], { value: [1, 2], origin: "default" });
});

test("text becomes what the schema takes", (t) => {
  const value = (name: string, text: unknown) =>
    resolveParameters(scale, [layer(commandLine, { [name]: text })])[name]!.value;
  for (const word of ["true", "ON", "1", "Yes"]) t.is(value("inverse", word), true);
  for (const word of ["false", "off", "0", "NO"]) t.is(value("inverse", word), false);
  t.is(value("factor", "2"), 2);
  t.is(value("factor", "2.5e-1"), 0.25);
  t.deepEqual(value("cuts", "1.5,2"), [1.5, 2]);
  t.deepEqual(value("cuts", "1.5,"), [1.5]);
  t.deepEqual(value("cuts", "1.5"), [1.5]);
  t.deepEqual(value("cuts", ""), []);
  t.deepEqual(value("cuts", ["3", "4"]), [3, 4]);
  t.is(value("note", "hello"), "hello");
  t.is(value("note", "None"), null);
  t.is(value("note", ""), null);
  t.is(value("width", "7"), 7);
  t.is(value("width", "auto"), "auto");
});

test("an unknown parameter is an error that says what it might have been", (t) => {
  const typed = t.throws(() => resolveParameters(scale, [layer(commandLine, { mod: "mean" })]), {
    instanceOf: UsageError,
    message: 'scale has no parameter "mod"; did you mean "mode"?',
  });
  t.is(typed.hint, "iris step describe scale");
  t.throws(() => resolveParameters(scale, [layer("/a/iris.json", { jmp: 1 })]), {
    instanceOf: ConfigError,
    message: 'scale has no parameter "jmp" (in /a/iris.json)',
  });
});

test("a value out of place says what the parameter takes", (t) => {
  const message = (params: Record<string, unknown>) =>
    t.throws(() => resolveParameters(scale, [layer(commandLine, params)]), { instanceOf: UsageError })
      .message;
  t.is(message({ factor: "50" }), 'scale.factor can\'t be "50" — it takes number ≥ 0.1 and ≤ 10');
  t.is(message({ factor: "abc" }), 'scale.factor can\'t be "abc" — it takes number ≥ 0.1 and ≤ 10');
  t.is(message({ niter: "2.5" }), 'scale.niter can\'t be "2.5" — it takes whole number ≥ 0');
  t.is(message({ mode: "mode" }), 'scale.mode can\'t be "mode" — it takes mean or median');
  t.is(message({ inverse: "maybe" }), 'scale.inverse can\'t be "maybe" — it takes true or false');
  t.is(message({ cuts: "1,x" }), 'scale.cuts can\'t be "1,x" — it takes list of number');
});

test("a tuple is written as a list is: 2048,2048 or [2048, 2048]", (t) => {
  const info = parameterInfo(v.optional(v.nullable(v.tuple([v.number(), v.number()])), null));
  t.is(info.takes, "list of 2 × number, or None");
  for (const text of ["2048,2048", "[2048, 2048]", "(2048,2048)"])
    t.deepEqual(readTextValue(text, info), [2048, 2048]);
  t.is(readTextValue("None", info), null);
});

test("a schema tells its default, limits and description wherever they stand in it", (t) => {
  const info = parametersOf(scale.params);
  t.is(info["factor"]!.default, 1);
  t.is(info["factor"]!.description, "multiplier");
  t.is(info["factor"]!.takes, "number ≥ 0.1 and ≤ 10");
  t.is(info["niter"]!.kind, "integer");
  t.deepEqual(info["mode"]!.choices, ["mean", "median"]);
  t.true(info["note"]!.nullable);
  t.is(info["note"]!.takes, "text, or None");
  const inner = parameterInfo(v.optional(v.pipe(v.number(), v.minValue(1), v.description("inside")), 4));
  t.like(inner, { default: 4, description: "inside", takes: "number ≥ 1" });
});

test("None stays a word where null isn't a value", (t) => {
  t.is(readTextValue("None", parameterInfo(v.string())), "None");
});
