import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { KnownNames } from "../../src/config/assign.js";
import { commandLineLayer } from "../../src/config/assign.js";
import { formatBytes, parseBytes } from "../../src/config/bytes.js";
import { withoutComments } from "../../src/config/discover.js";
import { resolveSettings } from "../../src/config/settings.js";
import { ConfigError, UsageError } from "../../src/errors.js";
import { fakeHost, folderWith } from "../helpers/host.js";

const names: KnownNames = {
  steps: ["flat_field", "ramp_fit"],
  pipelines: ["image2"],
  aliases: { ff: "flat_field" },
};

const settle = (
  cwd: string,
  { env = {}, flags = {}, config }: { env?: Record<string, string>; flags?: object; config?: string } = {},
) =>
  resolveSettings({
    host: fakeHost({ cwd, env }),
    defaults: { jobs: 1, out: "." },
    flags,
    config,
    names: () => Promise.resolve(names),
  });

test("flags > environment > nearest project file > user's file > defaults", async (t) => {
  const folder = folderWith({
    "iris.json": '{"jobs": 2, "context": "above.pmap"}',
    "night/iris.json": '{ // of this night\n "jobs": 3, "pipeline": "image2", "mem": "2G" }',
    "xdg/iris/iris.json": '{"mem": "1G", "strict": true}',
  });
  const cwd = join(folder, "night", "raw");
  mkdirSync(cwd);
  const env = { XDG_CONFIG_HOME: join(folder, "xdg") };
  const near = join(folder, "night", "iris.json");
  const { values } = await settle(cwd, { env });
  t.deepEqual(values["jobs"], { value: 3, origin: near });
  t.deepEqual(values["mem"], { value: "2G", origin: near });
  t.deepEqual(values["strict"], { value: true, origin: join(folder, "xdg", "iris", "iris.json") });
  t.is(values["context"], undefined);
  t.deepEqual(values["out"], { value: ".", origin: "default" });
  const steered = await settle(cwd, { env: { ...env, IRIS_JOBS: "4", CRDS_CONTEXT: "x.pmap" } });
  t.deepEqual(steered.values["jobs"], { value: 4, origin: "IRIS_JOBS" });
  t.deepEqual(steered.values["context"], { value: "x.pmap", origin: "CRDS_CONTEXT" });
  const typed = await settle(cwd, { env: { ...env, IRIS_JOBS: "4" }, flags: { jobs: 5 } });
  t.deepEqual(typed.values["jobs"], { value: 5, origin: "command line" });
  const other = await settle(cwd, { env: { ...env, IRIS_CONFIG: "../../iris.json" } });
  t.is(other.values["context"]!.value, "above.pmap");
});

test("a project file may be YAML, TOML or a part of package.json; its paths are meant from its folder", async (t) => {
  for (const [file, text] of [
    ["iris.yaml", "out: red\nparams: {ramp_fit: {mode: cds}}\nskip: ff\nrefs: {flat: f.fits}\n"],
    [
      "iris.toml",
      'out = "red"\nskip = ["flat_field"]\n[params.ramp_fit]\nmode = "cds"\n[refs]\nflat = "f.fits"\n',
    ],
    [
      "package.json",
      '{"iris": {"out": "red", "params": {"ramp_fit": {"mode": "cds"}}, "skip": ["ff"], "refs": {"flat": "f.fits"}}}',
    ],
  ] as const) {
    const folder = folderWith({ [file]: text });
    const { values, layers } = await settle(folder);
    t.deepEqual(values["out"], { value: join(folder, "red"), origin: join(folder, file) }, file);
    t.deepEqual(layers, [
      {
        origin: join(folder, file),
        params: { ramp_fit: { mode: "cds" } },
        skip: { flat_field: true },
        refs: { FLAT: join(folder, "f.fits") },
      },
    ]);
  }
});

test("--config: a project file takes the found one's place, a parameter file stands above it", async (t) => {
  const folder = folderWith({
    "iris.json": '{"jobs": 2, "params": {"ramp_fit": {"mode": "utr"}}}',
    "other.json": '{"mem": "3G"}',
    "p.cfg": "class = image2\noutput_dir = red\n[steps]\n[[ramp_fit]]\nmode = cds\n",
  });
  const other = await settle(folder, { config: join(folder, "other.json") });
  t.is(other.values["jobs"]!.origin, "default");
  t.is(other.values["mem"]!.value, "3G");
  const peer = await settle(folder, { config: join(folder, "p.cfg") });
  t.is(peer.values["jobs"]!.value, 2);
  t.deepEqual(peer.values["pipeline"], { value: "image2", origin: join(folder, "p.cfg") });
  t.is(peer.values["out"]!.value, join(folder, "red"));
  t.deepEqual(
    peer.layers.map(({ params }) => params["ramp_fit"]),
    [{ mode: "utr" }, { mode: "cds" }],
  );
});

for (const [why, text, message] of [
  ["a setting that isn't one", '{"job": 2}', /there is no setting "job"; did you mean "jobs"\?/],
  ["a value of the wrong type", '{"jobs": "many"}', /jobs — Invalid type/],
  [
    "an unknown step",
    '{"params": {"ramp_fti": {}}, "skip": ["flat_feild"]}',
    /there is no step "flat_feild"; did you mean "flat_field"\?/,
  ],
  ["no JSON at all", "{jobs", /cannot read .*iris\.json as JSON/],
] as const)
  test(`a project file is refused for ${why}`, async (t) => {
    await t.throwsAsync(settle(folderWith({ "iris.json": text })), { instanceOf: ConfigError, message });
  });

test("IRIS_JOBS has to be a number", async (t) => {
  await t.throwsAsync(settle("/", { env: { IRIS_JOBS: "many" } }), { instanceOf: UsageError });
});

test("the command line as a layer: parameters, skips, references", (t) => {
  const words = {
    set: ["ramp_fit.mode=cds", "flat_field.skip=no"],
    ref: ["flat=f.fits", "dark=N/A"],
    skip: ["ff"],
  };
  t.deepEqual(commandLineLayer({ ...words, skip: [] }, names, "/data"), {
    origin: "command line",
    params: { ramp_fit: { mode: "cds" } },
    skip: { flat_field: false },
    refs: { FLAT: "/data/f.fits", DARK: "N/A" },
  });
  t.deepEqual(commandLineLayer({ set: [], ref: [], skip: ["ff,ramp_fit"] }, names, "/").skip, {
    flat_field: true,
    ramp_fit: true,
  });
  t.deepEqual(commandLineLayer({ set: ["mode=a=b"], ref: [], skip: [] }, names, "/", "ramp_fit").params, {
    ramp_fit: { mode: "a=b" },
  });
  for (const [set, message] of [
    ["ramp.mode=cds", 'there is no step "ramp"; did you mean "ramp_fit"?'],
    ["mode=cds", 'cannot read the setting "mode=cds"'],
    ["ramp_fit.mode", 'cannot read the setting "ramp_fit.mode"'],
  ] as const)
    t.throws(() => commandLineLayer({ set: [set], ref: [], skip: [] }, names, "/"), {
      instanceOf: UsageError,
      message,
    });
});

test("sizes: 4G = 4·2³⁰ bytes", (t) => {
  t.is(parseBytes("4G"), 4 * 2 ** 30);
  t.is(parseBytes("800M"), 800 * 2 ** 20);
  t.is(parseBytes("1.5GiB"), 1.5 * 2 ** 30);
  t.is(parseBytes(4096), 4096);
  t.throws(() => parseBytes("much"), { instanceOf: UsageError });
  t.throws(() => parseBytes("0"), { instanceOf: UsageError, message: /cannot work in a memory of 0/ });
  t.is(formatBytes(310 * 2 ** 20), "310 MB");
  t.is(formatBytes(1.5 * 2 ** 30), "1.5 GB");
});

test("comments leave JSON without touching its strings", (t) => {
  const text = '{"a": "http://x/*y*/", /* b */ "c": 1 // d\n}';
  t.deepEqual(JSON.parse(withoutComments(text)), { a: "http://x/*y*/", c: 1 });
});
