import { join } from "node:path";
import test from "ava";
import { errorOf, lackOf, orLack, type Lack } from "../../src/engine/missing-references.js";
import { CalibrationError } from "../../src/errors.js";
import { writeCube } from "../helpers/ramp-files.js";
import { folder, reduce, request } from "./helpers.js";

test("all references that an exposure lacks are said in one error, with one hint", async (t) => {
  const path = writeCube(join(folder(), "ramp.fits"));
  const { plan } = await reduce(request(folder(), [path], { pipeline: "stage1" }));
  t.is(plan.problems.length, 1);
  const { message, hint, exit } = plan.problems[0]!;
  t.is(exit, 3);
  t.regex(
    message,
    /cannot resolve 3 references for .*ramp\.fits — MASK, SATURATION, NONLINCOEFF: there are no/,
  );
  t.is(
    hint,
    "name them with --ref mask=FILE --ref saturation=FILE --ref nonlincoeff=FILE, " +
      "or go on without: --allow-missing mask --allow-missing saturation --allow-missing nonlincoeff",
  );
});

test("what the hint says is enough", async (t) => {
  const path = writeCube(join(folder(), "ramp.fits"));
  const out = request(folder(), [path], { pipeline: "stage1", allowMissing: ["mask", "saturation"] });
  const { plan } = await reduce(out);
  t.regex(plan.problems[0]!.message, /^no NONLINCOEFF reference for/);
  const whole = await reduce({ ...out, allowMissing: ["mask", "saturation", "nonlincoeff"] });
  t.deepEqual(whole.plan.problems, []);
  t.true(whole.events.some(({ type }) => type === "product"));
});

test("one lack keeps its own words; of several, commands that look into the rules name all types", (t) => {
  const one = lackOf(
    "FLAT",
    "no FLAT reference for a.fits",
    "none matches",
    "see why: iris crds explain a.fits --type",
  );
  t.is(errorOf("a.fits", [one]).message, "no FLAT reference for a.fits — none matches");
  t.is(
    one.error.hint,
    "see why: iris crds explain a.fits --type flat, name one with --ref flat=FILE, or go on without: --allow-missing flat",
  );
  const two = { ...one, type: "DARK", why: "another reason" };
  const both = errorOf("a.fits", [one, two, one]);
  t.is(both.message, "cannot resolve 2 references for a.fits — FLAT: none matches; DARK: another reason");
  t.regex(
    both.hint!,
    /^see why: iris crds explain a\.fits --type flat dark, name them with --ref flat=FILE --ref dark=FILE/,
  );
});

test("a file that was named and can't be read isn't a step to leave out", (t) => {
  const lacks: Lack[] = [lackOf("FLAT", "no FLAT reference for a.fits", "none matches", null)];
  t.is(
    orLack(lacks, "DARK", () => {
      throw new CalibrationError("cannot read reference d.fits — no such file");
    }),
    null,
  );
  t.regex(errorOf("a.fits", lacks).hint!, /or go on without: --allow-missing flat$/);
  t.throws(
    () =>
      orLack(lacks, "DARK", () => {
        throw new RangeError("x");
      }),
    { instanceOf: RangeError },
  );
});
