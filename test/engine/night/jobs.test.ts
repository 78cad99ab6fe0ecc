import test from "ava";
import { planNight } from "../../../src/engine/night/jobs.js";
import {
  isJob,
  type Choice,
  type NightFile,
  type NightJob,
  type Workshop,
} from "../../../src/engine/night/types.js";
import { file, rules } from "./helpers.js";

const everything: Choice = { kinds: [], facts: {} };
/** What each pipeline wants; the rules have nothing. */
const wants: Record<string, string[]> = {
  rate: [],
  image: ["BIAS", "DARK", "FLAT"],
  create_bias: [],
  create_dark: ["BIAS"],
  create_flat: ["BIAS", "DARK"],
  mosaic: [],
};
const workshop: Workshop = {
  lacks: (_, pipeline) => Object.fromEntries(wants[pipeline]!.map((type) => [type, "the rules have none"])),
  rounds: () => ({ rounds: undefined, most: 1 }),
  takes: () => true,
  roles: (pipeline) => (pipeline === "image" ? ["background"] : []),
};
const night: NightFile[] = [
  file("s1", "SCI", 30),
  file("b1", "BIAS", 0),
  file("b2", "BIAS", 1),
  file("b3", "BIAS", 2),
  file("d1", "DARK", 5),
  file("d2", "DARK", 6),
  file("d3", "DARK", 7),
  file("f1", "FLAT", 10),
  file("f2", "FLAT", 11),
  file("f3", "FLAT", 12),
  file("s2", "SCI", 32),
  file("k1", "SKY", 34),
];
const plan = (files: readonly NightFile[] = night, choice: Choice = everything, shop: Workshop = workshop) =>
  planNight(files, rules, shop, choice);
const named = (jobs: readonly NightJob[], title: RegExp) => jobs.filter((job) => title.test(job.title));
const first = (job: NightJob) => (isJob(job.inputs[0]!) ? job.inputs[0].title : job.inputs[0]!.path);

test("bias before dark before flat before the science, and the mosaic at the end", (t) => {
  const { jobs, passed } = plan();
  t.deepEqual(
    jobs.map(({ title }) => title),
    [
      "bias A 30 s",
      "dark A 30 s",
      "flat A R 30 s",
      "SKY A R 30 s",
      "SCI M 1 A R 30 s",
      "SCI M 1 A R 30 s",
      "mosaic M 1 R",
    ],
  );
  t.deepEqual(passed, []);
  const mosaic = jobs.at(-1)!;
  t.deepEqual(
    mosaic.inputs.map((input) => first(input as NightJob)),
    ["s1", "s2"],
  );
  t.is(mosaic.name, "CAM_M_1_R");
});

test("every job stands after those that it uses", (t) => {
  const { jobs } = plan();
  for (const [i, { inputs, members, refs }] of jobs.entries())
    for (const used of [
      ...inputs,
      ...Object.values(members).flat(),
      ...Object.values(refs).map(({ job }) => job),
    ])
      if (isJob(used)) t.true(jobs.indexOf(used) >= 0 && jobs.indexOf(used) < i);
});

test("what the rules give isn't made, and its exposures are passed over with the reason", (t) => {
  const given: Workshop = { ...workshop, lacks: (_, name) => (name === "image" ? { FLAT: "none" } : {}) };
  const { jobs, passed } = plan(night, everything, given);
  t.deepEqual(
    named(jobs, /^(bias|dark|flat)/).map(({ title }) => title),
    ["flat A R 30 s"],
  );
  t.deepEqual(
    passed.map(({ input, why }) => `${input}: ${why}`),
    ["b1", "b2", "b3"]
      .map((path) => `${path}: BIAS that nothing to be made needs`)
      .concat(["d1", "d2", "d3"].map((path) => `${path}: DARK that nothing to be made needs`)),
  );
});

test("the dark of the same exposure time serves before a nearer one of another, which is a caveat", (t) => {
  const near = file("d9", "DARK", 29, { exptime: 60 });
  const serving = (files: NightFile[]) => named(plan(files).jobs, /^SCI/)[0]!;
  t.is(serving([...night, near]).refs["DARK"]!.job.title, "dark A 30 s");
  const science = serving([...night.filter(({ path }) => !path.startsWith("d")), near]);
  t.is(science.refs["DARK"]!.job.title, "dark A 60 s");
  t.is(science.caveats[0]!.code, "MATCH_LEVEL");
  t.regex(science.caveats[0]!.message, /^dark of level 2, another exposure time \(60 s for 30 s\)/);
});

test("equal exposures of two nights make two calibrations, and each science has its own night's", (t) => {
  const later = night.map((each) => ({
    ...each,
    path: `later ${each.path}`,
    exposure: { ...each.exposure, dateObs: each.exposure.dateObs.replace("-05T", "-07T") },
  }));
  const { jobs } = plan([...night, ...later]);
  t.is(named(jobs, /^dark/).length, 2);
  for (const science of named(jobs, /^SCI/))
    t.is(first(science.refs["DARK"]!.job).startsWith("later"), first(science).startsWith("later"));
  t.is(named(jobs, /^mosaic/)[0]!.inputs.length, 4);
});

test("the nearest skies of the best level, so many as are wanted; other exposure times only where there is none", (t) => {
  const skies = [file("k2", "SKY", 40), file("k3", "SKY", 20), file("k4", "SKY", 31, { exptime: 10 })];
  const science = named(plan([...night, ...skies]).jobs, /^SCI/).find((job) => first(job) === "s1")!;
  t.deepEqual(
    science.members["background"]!.map((sky) => first(sky as NightJob)),
    ["k1", "k3"],
  );
  const only = named(plan([...night.filter(({ path }) => path !== "k1"), skies[2]!]).jobs, /^SCI/)[0]!;
  t.deepEqual(
    only.members["background"]!.map((sky) => first(sky as NightJob)),
    ["k4"],
  );
  t.is(only.caveats[0]!.code, "MATCH_LEVEL");
});

test("without a sky or a dark that would serve, the science says so and goes on", (t) => {
  const { jobs } = plan(night.filter(({ path }) => !/^[dk]/.test(path)));
  const science = named(jobs, /^SCI/)[0]!;
  t.deepEqual(science.members, {});
  t.false("DARK" in science.refs);
  t.true(science.because.includes("no background: the night has no SKY that would serve"));
  t.true(
    science.because.includes("no dark: the rules have none, and the night has no DARK that would serve"),
  );
});

test("detectors have calibrations of their own and one mosaic", (t) => {
  const both = night.flatMap((each) => [
    each,
    {
      ...each,
      path: `B ${each.path}`,
      exposure: { ...each.exposure, detector: "B", groupid: `B ${each.exposure.groupid}` },
    },
  ]);
  const { jobs } = plan(both);
  t.is(named(jobs, /^flat/).length, 2);
  const [mosaic, ...others] = named(jobs, /^mosaic/);
  t.is(others.length, 0);
  t.deepEqual(mosaic!.because, ["4 images (2 exposures × 2 detectors) of M 1 in R"]);
});

test("a target, a kind, a fact, a stage choose less, with what they need", (t) => {
  const files = [...night, file("o1", "SCI", 50, { object: "NGC 7" })];
  const titles = (choice: Partial<Choice>) =>
    plan(files, { ...everything, ...choice }).jobs.map(({ title }) => title);
  t.deepEqual(titles({ target: "ngc 7" }).slice(-1), ["SCI NGC 7 A R 30 s"]);
  t.false(titles({ target: "ngc 7" }).includes("mosaic M 1 R"));
  t.deepEqual(titles({ kinds: ["dark"] }), ["bias A 30 s", "dark A 30 s"]);
  t.false(titles({ kinds: ["science"] }).some((title) => title.startsWith("mosaic")));
  t.deepEqual(titles({ until: "calibrations" }), ["bias A 30 s", "dark A 30 s", "flat A R 30 s"]);
  t.false(titles({ until: "images" }).some((title) => title.startsWith("mosaic")));
  t.deepEqual(titles({ facts: { detector: ["B"] } }), []);
});

test("calibrations alone are made for their own sake", (t) => {
  const { jobs } = plan(night.filter(({ path }) => /^[bdf]/.test(path)));
  t.deepEqual(
    jobs.map(({ title }) => title),
    ["bias A 30 s", "dark A 30 s", "flat A R 30 s"],
  );
});

test("exposures that the combining pipeline can't take go through their own first; what comes later can't serve them", (t) => {
  const shop: Workshop = {
    ...workshop,
    takes: () => false,
    lacks: (_, name) => (name === "rate" ? { FLAT: "none" } : {}),
  };
  const { jobs } = plan(
    night.filter(({ path }) => path.startsWith("d")),
    everything,
    shop,
  );
  t.deepEqual(
    jobs.map(({ pipeline }) => pipeline),
    ["rate", "rate", "rate", "create_dark"],
  );
  t.deepEqual(jobs[0]!.without, { FLAT: "the night's flat comes after these exposures" });
});

test("a calibration isn't made of fewer exposures than it needs", (t) => {
  const few = night.filter(({ path }) => path !== "f1" && path !== "f2");
  const strict = { ...rules, calibrations: rules.calibrations.map((rule) => ({ ...rule, atLeast: 2 })) };
  t.deepEqual(named(planNight(few, strict, workshop, everything).jobs, /^flat/), []);
});

test("what the night has too little for may be missing where the rules say so", (t) => {
  const few = night.filter(({ path }) => path !== "d3");
  const calibrations = rules.calibrations.map((rule) =>
    rule.name === "dark" ? { ...rule, atLeast: 3, optional: true as const } : rule,
  );
  const [science] = named(planNight(few, { ...rules, calibrations }, workshop, everything).jobs, /SCI/);
  t.deepEqual(science!.without, { DARK: "the night has no 3 DARK that would serve" });
  t.deepEqual(Object.keys(science!.refs), ["BIAS", "FLAT"]);
});
