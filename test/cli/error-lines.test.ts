import test from "ava";
import { errorLines, reportOf, sentence } from "../../src/cli/error-lines.js";
import { CalibrationError, StepError } from "../../src/errors.js";

test("three lines: what failed, the deepest cause, the hint", (t) => {
  const deepest = new Error("card 12 has no value");
  const middle = new Error("cannot read the header", { cause: deepest });
  const error = new CalibrationError("no flat for a.fits", {
    cause: middle,
    hint: "iris crds explain a.fits",
  });
  t.is(
    errorLines(reportOf(error)),
    "iris: no flat for a.fits\ncause: card 12 has no value\nhint: iris crds explain a.fits",
  );
});

test("a cause that the message already tells isn't told again", (t) => {
  const error = new StepError("ramp_fit failed — no reads", { cause: new Error("no reads") });
  t.is(errorLines(reportOf(error)), "iris: ramp_fit failed — no reads");
});

test("system errors speak without their code and syscall", (t) => {
  const error = Object.assign(new Error("ENOENT: no such file or directory, open '/x'"), {
    code: "ENOENT",
    path: "/x",
  });
  t.is(sentence(error), "/x — no such file or folder");
  t.like(reportOf(error), { exit: 3, hint: null });
  const full = Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" });
  t.like(reportOf(full), { message: "no space left on the device", exit: 2 });
});

test("what was never foreseen is called an internal error, exit 1", (t) => {
  t.like(reportOf(new TypeError("x is undefined")), {
    message: "internal error — x is undefined",
    code: "E_INTERNAL",
    exit: 1,
  });
  t.is(reportOf("just text").message, "internal error — just text");
});

test("a cause that names itself doesn't loop", (t) => {
  const error = new Error("a");
  error.cause = error;
  t.is(reportOf(error).message, "internal error — a");
});
