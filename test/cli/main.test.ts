import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import test from "ava";
import { main } from "../../src/cli/main.js";
import { version } from "../../src/package.js";
import { fakeHost } from "../helpers/host.js";

const run = async (...argv: string[]) => {
  const host = fakeHost({ cwd: process.cwd() });
  const exit = await main(argv, host);
  return { exit, out: host.out, err: host.err };
};

test("--version is recognised anywhere", async (t) => {
  t.deepEqual(await run("--version"), { exit: 0, out: `iris ${version}\n`, err: "" });
  t.is((await run("reduce", "x.fits", "--version")).out, `iris ${version}\n`);
});

test("--help says all commands, the exit statuses and two examples; on stdout, exit 0", async (t) => {
  const { exit, out, err } = await run("--help");
  t.is(exit, 0);
  t.is(err, "");
  for (const word of ["reduce", "plan", "readout", "crds", "fits", "Exit status:", "Examples:"])
    t.true(out.includes(word), word);
  t.is(out.match(/^ {2}\$ iris /gm)!.length, 2);
});

test("nothing asked for: help on stderr, exit 2", async (t) => {
  for (const argv of [[], ["step"]]) {
    const { exit, out, err } = await run(...argv);
    t.is(exit, 2);
    t.is(out, "");
    t.regex(err, /^Usage: iris/);
  }
});

test("iris help COMMAND = iris COMMAND --help", async (t) => {
  t.deepEqual(await run("help", "step", "run"), await run("step", "run", "--help"));
});

for (const [argv, err] of [
  [["redcue"], 'iris: unknown command "redcue"; did you mean "reduce"?\nhint: iris --help\n'],
  [["--jsn"], 'iris: unknown option "--jsn"; did you mean "--json"?\nhint: iris --help\n'],
  [
    ["reduce", "--frce"],
    'iris: unknown option "--frce"; did you mean "--force"?\nhint: iris reduce --help\n',
  ],
  [
    ["step", "descrbe", "x"],
    'iris: unknown command "descrbe"; did you mean "describe"?\nhint: iris step --help\n',
  ],
  [["step", "describe"], 'iris: missing required argument "step"\nhint: iris step describe --help\n'],
  [["reduce", "-o"], 'iris: option "-o, --out <dir>" argument missing\nhint: iris reduce --help\n'],
  [["reduce"], "iris: nothing to reduce: no file was named\nhint: iris reduce FILE… or a folder\n"],
  [
    ["step", "describe", "ramp_fti"],
    'iris: there is no step "ramp_fti"; did you mean "ramp_fit"?\nhint: iris step list\n',
  ],
  [
    ["pipeline", "show", "imge2"],
    'iris: there is no pipeline "imge2"; did you mean "image2"?\nhint: iris pipeline list\n',
  ],
  [
    ["reduce", "fixtures/iris_utr.fits", "-s", "ramp_fit.mdoe=cds"],
    'iris: ramp_fit has no parameter "mdoe"; did you mean "mode"?\nhint: iris step describe ramp_fit\n',
  ],
  [
    ["plan", "fixtures/iris_utr.fits", "--ref", "flta=x.fits"],
    'iris: no step uses a reference of type "flta"; did you mean "flat"?\nhint: iris step list\n',
  ],
  [
    ["plan", "fixtures/iris_utr.fits", "--skip", "flat"],
    'iris: there is no step "flat"; did you mean "flat_field"?\nhint: iris step list\n',
  ],
  [["reduce", "fixtures/none*.fits"], 'iris: "fixtures/none*.fits" matches no file\nhint: ls fixtures\n'],
  [
    ["reduce", "fixtures/iris_utr.fits", "--mem", "much"],
    'iris: cannot read the size "much"\nhint: sizes are 800M or 4G: --mem 4G\n',
  ],
  [["reduce", "x.fits", "-j", "0"], 'iris: "0" is no number of at least 1\n'],
  [
    ["reduce", "fixtures/iris_utr.fits", "-o", "x.fits"],
    "iris: -o takes a folder: x.fits looks like a file\nhint: products are named by their inputs; iris plan shows the names\n",
  ],
] as const)
  test(`exit 2: iris ${argv.join(" ")}`, async (t) => {
    t.deepEqual(await run(...argv), { exit: 2, out: "", err });
  });

test("with --json an error is a document, too", async (t) => {
  const { exit, out } = await run("step", "describe", "nope", "--json");
  t.is(exit, 2);
  t.like(JSON.parse(out), { v: 1, type: "error", code: "E_USAGE", exit: 2 });
});

test("the package's program runs in a process of its own and needs nothing but commander for --help", async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ["bin/iris.js", "--help"]);
  t.regex(stdout, /^Usage: iris/);
  // What main imports at once: our own small files and commander.
  const imports = ["main", "cli", "table", "error-lines", "peer-options", "paths"].flatMap((file) =>
    [...readFileSync(`build/src/cli/${file}.js`, "utf8").matchAll(/^import .*from "([^".][^"]*)";$/gm)].map(
      ([, from]) => from!,
    ),
  );
  t.deepEqual(
    [...new Set(imports)].filter((from) => !from.startsWith("node:")),
    ["commander"],
  );
});
