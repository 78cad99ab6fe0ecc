import test from "ava";
import { kindsOf, parseOnly, parseStage } from "../../../src/engine/night/choice.js";
import { UsageError } from "../../../src/errors.js";
import { rules } from "./helpers.js";

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

test("the stages of a night have names; other words are steps", (t) => {
  t.is(parseStage("images"), "images");
  t.is(parseStage("flat_field"), undefined);
});
