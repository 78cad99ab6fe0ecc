import test from "ava";
import { checkFacts, kindsOf, parseOnly, parseOwn, parseUntil } from "../../../src/engine/night/choice.js";
import { UsageError } from "../../../src/errors.js";
import { loadPipeline } from "../../../src/step/registry.js";
import { file, rules } from "./helpers.js";

const known = kindsOf(rules);

test("the kinds of a night are its calibrations, its members, science and mosaic", (t) => {
  t.deepEqual(known, ["bias", "dark", "flat", "sky", "science", "mosaic"]);
});

test("--only takes kinds and facts, in one word or several", (t) => {
  t.deepEqual(parseOnly(["dark,Flat", "detector=A", "detector=B"], known), {
    kinds: ["dark", "flat"],
    facts: { detector: ["A", "B"] },
  });
});

test("a kind or a fact that doesn't exist is an error with a suggestion", (t) => {
  t.throws(() => parseOnly(["drak"], known), {
    instanceOf: UsageError,
    message: /--only has no "drak".*dark/,
  });
  t.throws(() => parseOnly(["detecter=A"], known), {
    instanceOf: UsageError,
    message: /did you mean "detector"/,
  });
});

test("--until takes a stage, or a step of the pipelines, and no other word", async (t) => {
  const pipelines = [await loadPipeline("image2"), await loadPipeline("image3")];
  t.deepEqual(parseUntil("images", pipelines), { stage: "images" });
  t.deepEqual(parseUntil("flat_field", pipelines), { step: "flat_field" });
  t.deepEqual(parseUntil(undefined, pipelines), {});
  t.throws(() => parseUntil("calib", pipelines), {
    instanceOf: UsageError,
    message: '--until has no "calib"; did you mean "calibrations"?',
  });
});

test("--own takes calibrations that the night makes", (t) => {
  t.deepEqual(parseOwn(["dark,Flat", "bias"], known), ["dark", "flat", "bias"]);
  t.throws(() => parseOwn(["drak"], known), { message: '--own has no "drak"; did you mean "dark"?' });
});

test("a fact that no exposure has is an error, and so is one of several", (t) => {
  const files = [file("1.fits", "DARK", 0)];
  t.notThrows(() => {
    checkFacts({ facts: { detector: ["a"] } }, files);
  });
  t.throws(() => checkFacts({ facts: { detector: ["A", "C"] } }, files), {
    instanceOf: UsageError,
    message: /^no exposure has detector=C/,
  });
});
