import { symlinkSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { expandPattern } from "../../src/cli/glob.js";
import { expandInputs } from "../../src/cli/inputs.js";
import { InputError, UsageError } from "../../src/errors.js";
import { fakeHost, folderWith } from "../helpers/host.js";

const folder = folderWith({
  "raw/x10.fits": "",
  "raw/x2.fits": "",
  "raw/x1.fits.gz": "",
  "raw/notes.txt": "",
  "raw/.hidden.fits": "",
  "raw/deep/y.fits": "",
  "raw/deep/er/z.fits": "",
  "odd/a[1].fits": "",
  "lists/night.txt": "# a night\n../raw/x2.fits\n@more.txt  # and more\n\n",
  "lists/more.txt": "../raw/x10.fits\n",
  "lists/loop.txt": "@loop.txt\n",
  "empty/readme": "",
});
symlinkSync(join(folder, "raw", "x2.fits"), join(folder, "raw", "same.fits"));

const expand = (words: string[], { recursive = false, stdin = "" } = {}) =>
  expandInputs(words, fakeHost({ cwd: folder, stdin }), recursive);

test("patterns: within a name, over folders, sets, alternatives; natural order, nothing hidden", (t) => {
  const found = (pattern: string) => expandPattern(pattern, folder);
  t.deepEqual(found("raw/x*.fits"), ["raw/x2.fits", "raw/x10.fits"]);
  t.deepEqual(found("raw/x?.fits"), ["raw/x2.fits"]);
  t.deepEqual(found("raw/**/*.fits"), [
    "raw/deep/er/z.fits",
    "raw/deep/y.fits",
    "raw/same.fits",
    "raw/x2.fits",
    "raw/x10.fits",
  ]);
  t.deepEqual(found("raw/{notes.txt,x[0-9].fits}"), ["raw/notes.txt", "raw/x2.fits"]);
  t.deepEqual(found("raw/x[!2].fits*"), ["raw/x1.fits.gz"]);
  t.deepEqual(found("odd/a[1].fits"), ["odd/a[1].fits"], "a file of that very name wins");
  t.deepEqual(found(join(folder, "raw", "x2*")), [join(folder, "raw", "x2.fits")]);
});

test("a folder gives its FITS files in natural order, with -r those below, too", async (t) => {
  t.deepEqual(await expand(["raw"]), ["raw/same.fits", "raw/x1.fits.gz", "raw/x10.fits"]);
  t.true((await expand(["raw"], { recursive: true })).includes("raw/deep/er/z.fits"));
});

test("lists nest, have comments, and mean their files from where they stand", async (t) => {
  const files = await expand(["@lists/night.txt"]);
  t.deepEqual(files, [join(folder, "raw/x2.fits"), join(folder, "raw/x10.fits")]);
});

test("- reads names from stdin", async (t) => {
  t.deepEqual(await expand(["-"], { stdin: "raw/x2.fits\nraw/x10.fits\n" }), ["raw/x2.fits", "raw/x10.fits"]);
});

test("each file once, by what it really is; the order of the words is kept", async (t) => {
  t.deepEqual(await expand(["raw/x10.fits", "raw/same.fits", "./raw/x2.fits"]), [
    "raw/x10.fits",
    "raw/same.fits",
  ]);
});

test("a plain name is kept for whoever opens it; a pattern or folder without a match is an error", async (t) => {
  t.deepEqual(await expand(["nope.fits"]), ["nope.fits"]);
  await t.throwsAsync(expand(["raw/q*.fits"]), {
    instanceOf: UsageError,
    message: '"raw/q*.fits" matches no file',
  });
  await t.throwsAsync(expand(["empty"]), { instanceOf: UsageError, message: "no FITS file in empty" });
  await t.throwsAsync(expand(["@lists/loop.txt"]), { instanceOf: UsageError, message: /names itself/ });
  await t.throwsAsync(expand(["@lists/none.txt"]), { instanceOf: InputError });
});
