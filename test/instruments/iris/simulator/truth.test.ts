import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { main } from "../../../../src/cli/main.js";
import { openFits, readImage, type TypedArray } from "../../../../src/fits/index.js";
import { packageRoot } from "../../../../src/package.js";
import { fakeHost } from "../../../helpers/host.js";

const folder = mkdtempSync(join(tmpdir(), "iris-truth-"));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

async function iris(t: ExecutionContext, ...words: string[]): Promise<void> {
  const host = fakeHost({ cwd: folder, env: { XDG_CACHE_HOME: folder } });
  t.is(await main(words, host), 0, host.err);
}

function planesOf(path: string, ...names: string[]): TypedArray[] {
  const file = openFits(path);
  const planes = names.map((name) => readImage(file, file.hdu(name)!).data);
  file.close();
  return planes;
}

interface Pulls {
  median: number;
  width: number;
  /** Pixels whose product misses a bit that the truth has. */
  missing: number;
  good: number;
}

/** (SCI − truth)/ERR over pixels without flags that no cosmic ray hit; half the central 68.27 % as the width. */
function pullsOf(product: string, truth: string, background: number): Pulls {
  const [sci, err, dq] = planesOf(product, "SCI", "ERR", "DQ") as [Float32Array, Float32Array, Uint32Array];
  const [rate, bits, hits] = planesOf(truth, "RATE", "DQ", "CR") as [Float32Array, Uint32Array, Uint8Array];
  const pulls: number[] = [];
  let missing = 0;
  for (let i = 0; i < sci.length; i++) {
    if ((bits[i]! & ~dq[i]!) !== 0) missing++;
    if (dq[i] === 0 && hits[i] === 0) pulls.push((sci[i]! - (rate[i]! - background)) / err[i]!);
  }
  pulls.sort((a, b) => a - b);
  const at = (share: number): number => pulls[Math.round(share * (pulls.length - 1))]!;
  return { median: at(0.5), width: (at(0.84135) - at(0.15865)) / 2, missing, good: pulls.length };
}

test("the reduced raw fixture is its truth within its errors: |median| < 0.02, width 0.97–1.03, no bit lost", async (t) => {
  const fixture = join(packageRoot, "fixtures/iris_utr.fits");
  await iris(t, "reduce", fixture, "-o", folder);
  const pulls = pullsOf(join(folder, "iris_utr_cal.fits"), fixture.replace(".fits", "_truth.fits"), 0);
  t.true(pulls.good > 60_000);
  t.true(Math.abs(pulls.median) < 0.02, `median ${pulls.median}`);
  t.true(pulls.width > 0.97 && pulls.width < 1.03, `width ${pulls.width}`);
  t.is(pulls.missing, 0);
});

test("a window inside the references' is cut right, ramps are added, and the filter's own flat is used", async (t) => {
  await iris(
    t,
    ...["sim", "ramp", "--size", "200x150", "--filter", "Jbb", "--ints", "2", "--reads", "5"],
    ...["--seed", "12", "-o", "cut.fits"],
  );
  await iris(t, "reduce", "cut.fits", "-o", folder);
  const pulls = pullsOf(join(folder, "cut_cal.fits"), join(folder, "cut_truth.fits"), 0);
  t.true(Math.abs(pulls.median) < 0.03, `median ${pulls.median}`);
  t.true(pulls.width > 0.97 && pulls.width < 1.03, `width ${pulls.width}`);
  t.is(pulls.missing, 0);
});

test("science minus its sky is the stars, with the errors of both", async (t) => {
  const fixture = join(packageRoot, "fixtures/iris_asn.json");
  const config = join(packageRoot, "fixtures/image2_iris.cfg");
  const sky = 20;
  await iris(
    t,
    ...["reduce", fixture, "--config", config, "-s", "background.propagate_err=true", "-o", folder],
  );
  const truth = join(packageRoot, "fixtures/iris_sci_truth.fits");
  const pulls = pullsOf(join(folder, "iris_subtracted_cal.fits"), truth, sky);
  t.true(Math.abs(pulls.median) < 0.03, `median ${pulls.median}`);
  t.true(pulls.width > 0.97 && pulls.width < 1.03, `width ${pulls.width}`);
  t.is(pulls.missing, 0);
});
