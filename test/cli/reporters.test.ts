import test from "ava";
import { makeCli } from "../../src/cli/cli.js";
import { jsonReporter } from "../../src/cli/render/json.js";
import { plainReporter } from "../../src/cli/render/plain.js";
import { emptyEnding, exitStatus, tally, type Reporter } from "../../src/cli/render/reporter.js";
import type { Event } from "../../src/engine/events.js";
import { fakeHost } from "../helpers/host.js";

const night: Event[] = [
  { v: 1, type: "start", products: 3, upToDate: 1, jobs: 2, context: "tmt_0001.pmap" },
  { v: 1, type: "fresh", input: "/n/raw/7.fits", path: "/n/red/7_cal.fits" },
  {
    v: 1,
    type: "reason",
    input: "/n/raw/8.fits",
    output: "/n/red/8_cal.fits",
    reasons: ["missing"],
    detail: "",
  },
  {
    v: 1,
    type: "progress",
    input: "/n/raw/8.fits",
    output: "/n/red/8_cal.fits",
    step: "ramp_fit",
    done: 1,
    total: 2,
  },
  {
    v: 1,
    type: "caveat",
    input: "/n/raw/8.fits",
    output: "/n/red/8_cal.fits",
    code: "W_GAIN",
    message: "no GAIN",
  },
  {
    v: 1,
    type: "product",
    input: "/n/raw/8.fits",
    path: "/n/red/8_cal.fits",
    quicklook: null,
    seconds: 1.25,
  },
  {
    v: 1,
    type: "caveat",
    input: "/n/raw/9.fits",
    output: "/n/red/9_cal.fits",
    code: "W_GAIN",
    message: "no GAIN",
  },
  { v: 1, type: "product", input: "/n/raw/9.fits", path: "/n/red/9_cal.fits", quicklook: null, seconds: 2 },
  {
    v: 1,
    type: "failure",
    input: "/n/raw/10.fits",
    code: "E_FITS",
    message: "cannot read /n/raw/10.fits — HDU 1 ends at byte 2880",
    cause: null,
    hint: "iris fits info /n/raw/10.fits",
    exit: 3,
  },
  { v: 1, type: "summary", made: 2, fresh: 1, failed: 1, caveats: 2, seconds: 3.3, interrupted: false },
];

const draw = (make: (cli: ReturnType<typeof makeCli>) => Reporter, argv: string[] = []) => {
  const host = fakeHost({ cwd: "/n" });
  const cli = makeCli(host);
  cli.program.action(() => undefined).parse(argv, { from: "user" });
  const reporter = make(cli);
  reporter.note("flat.cfg: suffix of image2 is not used");
  for (const event of night) reporter.event(event);
  return host;
};

test("plain: a line per finished exposure, warnings once at the end, failures with their hint", (t) => {
  const { err, out } = draw(plainReporter);
  t.is(out, "");
  t.is(
    err,
    `✓ raw/8.fits → red/8_cal.fits   1.3 s
✓ raw/9.fits → red/9_cal.fits   2.0 s
✗ raw/10.fits
✓ 2 reduced   1 up to date   ✗ 1 failed   2 warnings   red/   3.3 s
! raw/8.fits and 1 other: no GAIN
! flat.cfg: suffix of image2 is not used
✗ cannot read raw/10.fits — HDU 1 ends at byte 2880
  hint: iris fits info raw/10.fits
`,
  );
});

test("-q: failures only", (t) => {
  t.is(
    draw(plainReporter, ["-q"]).err,
    "✗ cannot read raw/10.fits — HDU 1 ends at byte 2880\n  hint: iris fits info raw/10.fits\n",
  );
});

test("-v: what is up to date and why the rest isn't", (t) => {
  const { err } = draw(plainReporter, ["-v"]);
  t.true(err.startsWith("✓ red/7_cal.fits is up to date\n  red/8_cal.fits: missing\n"), err);
});

test("json: the events as they are, one per line", (t) => {
  const { out, err } = draw(jsonReporter);
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  t.deepEqual(lines.slice(1), night);
  t.deepEqual(lines[0], { v: 1, type: "note", message: "flat.cfg: suffix of image2 is not used" });
  t.is(err, "");
});

test("exit status: 1 when the others are finished, the failure's own when there are none, 4 only with --strict", (t) => {
  const ending = emptyEnding();
  for (const event of night) tally(ending, event);
  t.like(ending, { made: 2, fresh: 1, failed: 1, caveats: 2, worst: 3 });
  t.is(exitStatus(ending, false), 1);
  t.is(exitStatus({ ...ending, made: 0, fresh: 0 }, false), 3);
  t.is(exitStatus({ ...ending, failed: 0 }, false), 0);
  t.is(exitStatus({ ...ending, failed: 0 }, true), 4);
  t.is(exitStatus({ ...ending, interrupted: true }, false), 130);
});
