import test from "ava";
import { parseSky } from "../../../src/engine/night/choice.js";
import { planNight } from "../../../src/engine/night/jobs.js";
import {
  isJob,
  type Choice,
  type NightFile,
  type NightJob,
  type Workshop,
} from "../../../src/engine/night/types.js";
import { UsageError } from "../../../src/errors.js";
import type { NightRules } from "../../../src/instruments/define.js";
import { file, rules } from "./helpers.js";

const withSky: NightRules = {
  ...rules,
  calibrations: [],
  sky: { of: ["SCI"], tags: ["CAM"], same: ["filter"], pipeline: "own", role: "background" },
};
const rounds = {
  images: "round",
  mosaic: "objects",
  reftype: "MOSAIC",
  settled: "DONE",
  most: { step: "s", param: "p" },
};
const workshop: Workshop = {
  lacks: () => ({}),
  rounds: () => ({ rounds, most: 3 }),
  takes: () => true,
  roles: () => ["background"],
};
const plan = (files: readonly NightFile[], sky?: Choice["sky"]): readonly NightJob[] =>
  planNight(files, withSky, workshop, { kinds: [], facts: {}, sky }).jobs;

const dithers = ["A", "B"].flatMap((detector) =>
  [0, 1, 2, 3].map((k) => file(`${detector}${k}`, "SCI", k, { detector })),
);
const skies = [10, 11, 12].map((minute) => file(`sky${minute}`, "SKY", minute));

/** "round 1 of A0, A1 …" in one word each. */
const nameOf = (item: NightFile | NightJob): string =>
  isJob(item) ? `${item.pipeline}(${nameOf(item.inputs[0]!)})` : item.path;
const count = (jobs: readonly NightJob[], pipeline: string) =>
  jobs.filter((job) => job.pipeline === pipeline).length;

test("the field's own sky: two rounds of images and their mosaic, the images, and the mosaic of these", (t) => {
  const jobs = plan([...dithers, ...skies], "field");
  t.deepEqual(
    ["image", "round", "objects", "own", "mosaic"].map((pipeline) => count(jobs, pipeline)),
    [8, 16, 2, 8, 1],
  );
  for (const [i, { inputs, members, refs, unless }] of jobs.entries())
    for (const used of [
      ...inputs,
      ...Object.values(members).flat(),
      ...Object.values(refs).map(({ job }) => job),
      ...(unless ? [unless.job, unless.instead] : []),
    ])
      if (isJob(used)) t.true(jobs.indexOf(used) < i);
  t.deepEqual(jobs.at(-1)!.inputs.map(nameOf).slice(0, 2), ["own(image(A0))", "own(image(B0))"]);
});

test("a round after the first takes the mosaic before it, and isn't needed where that says so", (t) => {
  const jobs = plan(dithers, "field");
  const [first, second] = jobs.filter(({ pipeline }) => pipeline === "objects") as [NightJob, NightJob];
  const images = jobs.filter(({ pipeline }) => pipeline === "round");
  t.deepEqual(
    images.map(({ refs, unless }) => [refs["MOSAIC"]?.job, unless?.job, unless?.instead]),
    images.map((_, i) => (i < 8 ? [undefined, undefined, undefined] : [first, first, images[i - 8]])),
  );
  t.is(first.unless, undefined);
  t.deepEqual([second.unless?.job, second.unless?.instead, second.unless?.keyword], [first, first, "DONE"]);
  t.deepEqual(
    [first, second, images[0]!, images[8]!].map(({ ending }) => ending),
    [...["objects1", "objects2", "sky1", "sky2"]],
  );
  for (const last of jobs.filter(({ pipeline }) => pipeline === "own"))
    t.deepEqual([last.refs["MOSAIC"]!.job, last.unless, last.ending], [second, undefined, undefined]);
});

test("the sky of an exposure is made of its own detector's others", (t) => {
  const [own] = plan(dithers, "field").filter(({ pipeline }) => pipeline === "own");
  t.deepEqual(own!.members["repeat"]!.map(nameOf), ["image(A1)", "image(A2)", "image(A3)"]);
});

test("fewer than four exposures of a detector don't go in rounds", (t) => {
  const jobs = plan(dithers.slice(0, 3), "field");
  t.deepEqual([count(jobs, "round"), count(jobs, "own")], [0, 3]);
});

test("a super sky: exposures of empty sky, masked; one round, and none of them in the images' own pipeline", (t) => {
  const jobs = plan([...dithers.slice(0, 4), ...skies], "super");
  t.deepEqual([count(jobs, "round"), count(jobs, "own")], [0, 4]);
  const [own] = jobs.filter(({ pipeline }) => pipeline === "own");
  // nearest in time first, as many as there are: the step takes what it wants
  t.deepEqual(own!.members["background"]!.map(nameOf), ["image(sky10)", "image(sky11)", "image(sky12)"]);
  t.deepEqual((own!.inputs[0] as NightJob).members, {});
});

test("where no exposure of empty sky serves, the plan names the way without", (t) => {
  const [image] = plan(dithers);
  t.true(
    image!.because.includes(
      "no background: the night has no SKY that would serve; --sky field takes that of the field itself",
    ),
  );
});

test("--sky takes two words", (t) => {
  t.deepEqual([parseSky("field"), parseSky("super"), parseSky(undefined)], ["field", "super", undefined]);
  t.throws(() => parseSky("filed"), {
    instanceOf: UsageError,
    message: /--sky has no "filed".*did you mean "field"/,
  });
});
