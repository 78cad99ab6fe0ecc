import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { main } from "../../../src/cli/main.js";
import { packageRoot } from "../../../src/package.js";
import { fakeHost } from "../../helpers/host.js";

const folder = mkdtempSync(join(tmpdir(), "iris-qa-"));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

async function qa(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost({ cwd: folder });
  const status = await main(["qa", ...words], host);
  return { status, out: host.out, err: host.err };
}

const fixture = (name: string): string => join(packageRoot, "fixtures", name);

test("a line for each image; nothing is written", async (t) => {
  const { status, out } = await qa(fixture("iris_sci_rate.fits"), fixture("iris_sky_rate.fits"));
  t.is(status, 0);
  const [titles, science, sky] = out.trimEnd().split("\n") as [string, string, string];
  t.regex(titles, /^file +sources +stars +FWHM px/);
  t.regex(science, /iris_sci_rate\.fits +\d+ +\d+ +4\.\d\d +1\d\.\d /);
  t.regex(sky, /iris_sky_rate\.fits +0 +0 +– /);
  t.false(existsSync(join(folder, "iris_sci_rate_cat.fits")));
});

test("--json has the same numbers with their units of length", async (t) => {
  const { out } = await qa(fixture("iris_sci_rate.fits"), "--json");
  const { images } = JSON.parse(out) as { images: { seeing: { fwhm: { px: number; mas: number } } }[] };
  const { px, mas } = images[0]!.seeing.fwhm;
  t.true(Math.abs(mas / px - 4) < 1e-6);
});

test("-o writes catalogue and report; a ramp is refused, the others are measured", async (t) => {
  const { status, out, err } = await qa(
    fixture("iris_utr.fits"),
    fixture("iris_sci_rate.fits"),
    ...["-o", "q", "-s", "radii=2,4"],
  );
  t.is(status, 3);
  t.regex(err, /raw reads/);
  t.is(out.trimEnd().split("\n").length, 2);
  t.true(existsSync(join(folder, "q", "iris_sci_rate_cat.fits")));
  t.true(existsSync(join(folder, "q", "iris_sci_rate_qa.json")));
});

test("a parameter that there isn't is a mistake", async (t) => {
  const { status, err } = await qa(fixture("iris_sci_rate.fits"), "-s", "radi=2");
  t.is(status, 2);
  t.regex(err, /radii/);
});
