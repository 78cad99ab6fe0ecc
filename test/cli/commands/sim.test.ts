import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { main } from "../../../src/cli/main.js";
import type { Plan } from "../../../src/engine/index.js";
import { openFits, readImage } from "../../../src/fits/index.js";
import { packageRoot } from "../../../src/package.js";
import { fakeHost } from "../../helpers/host.js";

const folder = mkdtempSync(join(tmpdir(), "iris-sim-"));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

async function iris(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost({ cwd: folder });
  const status = await main(words, host);
  return { status, out: host.out, err: host.err };
}

const small = ["--size", "24x16", "--reads", "3", "--cosmics", "100"];

/** fitsverify of Debian; files that it doesn't pass are named. */
function verified(paths: readonly string[]): string[] {
  return paths.filter(
    (path) =>
      !/0 warnings and 0 errors|verification OK/.test(
        execFileSync("fitsverify", ["-q", path], { encoding: "utf8" }),
      ),
  );
}

test("every kind of exposure, its truth and the references are clean FITS", async (t) => {
  const runs = [
    await iris("sim", "ramp", ...small, "--ints", "2", "-o", "ramp_uncal.fits", "--json"),
    await iris("sim", "dark", ...small, "-o", "dark.fits", "--json"),
    await iris("sim", "flat", ...small, "-o", "flat.fits", "--json"),
    await iris("sim", "science", ...small, "-o", "sci_rate.fits", "--json"),
  ];
  t.deepEqual(
    runs.map(({ status, err }) => [status, err]),
    runs.map(() => [0, ""]),
  );
  const files = runs.flatMap(({ out }) => (JSON.parse(out) as { files: string[] }).files);
  t.is(files.length, 8);
  t.true(files.includes(join(folder, "ramp_truth.fits")));
  const references = await iris("sim", "references", "--size", "24x16", "--cache", "cache", "--json");
  files.push(...(JSON.parse(references.out) as { references: string[] }).references);
  t.is(files.length, 15);
  const ramp = openFits(files[0]!);
  t.deepEqual(ramp.hdu("SCI")!.image!.axes, [24, 16, 3, 2]);
  ramp.close();
  if (!existsSync("/usr/bin/fitsverify")) return t.log("left out: fitsverify isn't installed");
  t.deepEqual(verified(files), []);
});

test("equal seeds give equal bytes, other seeds don't", async (t) => {
  await iris("sim", "ramp", ...small, "--seed", "7", "-o", "a/../a.fits");
  await iris("sim", "ramp", ...small, "--seed", "7", "--no-truth", "-o", "b/../a.fits", "--force");
  const first = readFileSync(join(folder, "a.fits"));
  await iris("sim", "ramp", ...small, "--seed", "8", "-o", "a.fits", "--force");
  t.false(first.equals(readFileSync(join(folder, "a.fits"))));
  await iris("sim", "ramp", ...small, "--seed", "7", "-o", "a.fits", "--force");
  t.true(first.equals(readFileSync(join(folder, "a.fits"))));
});

/** Share of a file's pixels that aren't those of another: logarithms may differ in their last bit between Nodes. */
function unlike(made: string, kept: string): number {
  const [a, b] = [openFits(made), openFits(kept)];
  let [different, all] = [0, 0];
  for (const hdu of a.hdus) {
    if (!hdu.image) continue;
    const [mine, theirs] = [readImage(a, hdu).data, readImage(b, b.hdu(hdu.index)!).data];
    all += mine.length;
    for (let i = 0; i < mine.length; i++) {
      const [x, y] = [Number(mine[i]), Number(theirs[i])];
      if (!(Math.abs(x - y) <= 1e-6 * Math.max(1, Math.abs(x)))) different++;
    }
  }
  a.close();
  b.close();
  return different / all;
}

test("the fixtures are what the simulator makes now", async (t) => {
  const script = readFileSync(join(packageRoot, "fixtures/make.mjs"), "utf8");
  const options = /^const ramp = "(.*)";$/m.exec(script)?.[1];
  await iris("sim", "ramp", ...options!.split(" "), "-o", "iris_utr.fits");
  for (const name of ["iris_utr.fits", "iris_utr_truth.fits"])
    t.true(
      unlike(join(folder, name), join(packageRoot, "fixtures", name)) < 1e-5,
      `${name}: run npm run fixtures`,
    );
});

test("a night is named by the observatory's rule and has its association", async (t) => {
  const night = await iris(
    ...["sim", "night", "--size", "16", "--reads", "2", "--darks", "1", "--flats", "1", "--skies", "1"],
    ...["--dithers", "1", "--detectors", "IMG1,IMG3", "--no-truth", "-o", "night", "--json"],
  );
  t.is(night.status, 0, night.err);
  const { files } = JSON.parse(night.out) as { files: string[] };
  t.is(files.length, 8 + 1);
  t.true(files.every(existsSync));
  t.true(files.includes(join(folder, "night/2026A-P001-001_IRIS_IMG3_SCI_LVL0_0003-01.fits")));
});

test("a night brings the references that can't be made of it, and the command that reduces it", async (t) => {
  const made = await iris(
    ...["sim", "night", "--size", "16", "--reads", "4", "--darks", "3", "--flats", "3", "--skies", "1"],
    ...["--dithers", "2", "--detectors", "IMG1,IMG2", "--no-truth", "-o", "whole", "--cache", "whole-cache"],
  );
  t.is(made.status, 0, made.err);
  t.regex(made.err, /^next: CRDS_PATH=whole-cache iris reduce whole -o reduced$/m);
  const host = fakeHost({ cwd: folder, env: { CRDS_PATH: "whole-cache" } });
  t.is(await main(["plan", "whole", "--json"], host), 0, host.err);
  const { products, problems } = JSON.parse(host.out) as Plan;
  t.deepEqual(problems, []);
  t.is(products.at(-1)!.inputs.length, 4);
});

test("files that exist are kept, and wrong words are refused before anything is written", async (t) => {
  await iris("sim", "dark", ...small, "-o", "kept.fits");
  const again = await iris("sim", "dark", ...small, "-o", "kept.fits");
  t.is(again.status, 2);
  t.regex(again.err, /would overwrite: .*kept.fits/);
  for (const wrong of [
    ["--filter", "Qbb"],
    ["--detector", "IMG7"],
    ["--size", "9000"],
    ["--size", "big"],
    ["--reads", "0"],
    ["--dither", "1"],
    ["--start", "yesterday"],
    ["--type", "BEER"],
  ]) {
    const { status, err } = await iris("sim", "ramp", ...wrong, "-o", "never.fits");
    t.is(status, 2, wrong.join(" "));
    t.not(err, "");
  }
  t.false(existsSync(join(folder, "never.fits")));
});
