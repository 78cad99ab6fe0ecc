import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { main } from "../../../../src/cli/main.js";
import { DQ } from "../../../../src/data/dq.js";
import { openFits, readImage, type TypedArray } from "../../../../src/fits/index.js";
import { fakeHost } from "../../../helpers/host.js";

const folder = mkdtempSync(join(tmpdir(), "iris-ccd-truth-"));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

async function iris(t: ExecutionContext, ...words: string[]): Promise<string> {
  const host = fakeHost({ cwd: folder, env: { XDG_CACHE_HOME: folder } });
  t.is(await main(words, host), 0, host.err);
  return host.out;
}

function planesOf(path: string, ...names: string[]): TypedArray[] {
  const file = openFits(join(folder, path));
  const planes = names.map((name) => readImage(file, file.hdu(name)!).data);
  file.close();
  return planes;
}

/** Median, and half the central 68.27 %. */
function spread(values: number[]): { median: number; width: number } {
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))]!;
  return { median: at(0.5), width: (at(0.84135) - at(0.15865)) / 2 };
}

/** Of the pixels without flags that no cosmic ray hit, those of `keep`. */
function pullsOf(product: string, truth: string, keep: (i: number) => boolean = () => true): number[] {
  const [sci, err, dq] = planesOf(product, "SCI", "ERR", "DQ") as [Float32Array, Float32Array, Uint32Array];
  const [light, hits] = planesOf(truth, "LIGHT", "CR") as [Float32Array, Uint8Array];
  return [...sci.keys()]
    .filter((i) => dq[i] === 0 && hits[i] === 0 && keep(i))
    .map((i) => (sci[i]! - light[i]!) / err[i]!);
}

test("a night of two amplifiers is its truth within its errors: |median| < 0.02, width 0.97–1.03", async (t) => {
  await iris(t, "sim", "ccd", "--exposures", "2", "--seed", "7", "-o", "night");
  await iris(t, "reduce", "night", "--until", "images", "-o", "red");
  const numbers = ["c0018", "c0019"];
  const all = numbers.flatMap((n) => pullsOf(`red/${n}_cal.fits`, `night/truth/${n}_truth.fits`));
  t.true(all.length > 130_000);
  const { median, width } = spread(all);
  t.true(Math.abs(median) < 0.02, `median ${median}`);
  t.true(width > 0.97 && width < 1.03, `width ${width}`);
  for (const half of [0, 1]) {
    const of = spread(
      numbers.flatMap((n) =>
        pullsOf(`red/${n}_cal.fits`, `night/truth/${n}_truth.fits`, (i) => i % 256 < 128 === (half === 0)),
      ),
    );
    t.true(Math.abs(of.median) < 0.03, `amplifier ${half}: median ${of.median}`);
    t.true(of.width > 0.97 && of.width < 1.03, `amplifier ${half}: width ${of.width}`);
  }
});

test("no flag of the truth is lost, and most pixels that cosmic rays hit are flagged, few others", async (t) => {
  await iris(
    t,
    "sim",
    "ccd",
    "--exposures",
    "1",
    "--cosmics",
    "4",
    "--sky",
    "2",
    "--seed",
    "3",
    "-o",
    "rays",
  );
  await iris(t, "reduce", "rays", "-o", "clean");
  const [dq] = planesOf("clean/c0018_cal.fits", "DQ") as [Uint32Array];
  const [bits, hits] = planesOf("rays/truth/c0018_truth.fits", "DQ", "CR") as [Uint32Array, Uint8Array];
  const flagged = (i: number): boolean => (dq[i]! & DQ.OUTLIER) !== 0;
  const struck = [...hits.keys()].filter((i) => hits[i]! > 0);
  t.is([...bits].filter((value, i) => (value & ~dq[i]!) !== 0).length, 0);
  t.true(struck.length > 200);
  t.true(struck.filter(flagged).length > 0.8 * struck.length);
  t.true([...hits.keys()].filter((i) => hits[i] === 0 && flagged(i)).length < 0.005 * hits.length);
});

test("one amplifier, no darks: the dark current is what is left", async (t) => {
  await iris(
    t,
    ...["sim", "ccd", "--size", "128x96", "--amplifiers", "1", "--darks", "0", "--exposures", "1"],
    ...["--exptime", "60", "-o", "single"],
  );
  await iris(t, "reduce", "single", "-o", "one");
  const { median, width } = spread(pullsOf("one/c0013_cal.fits", "single/truth/c0013_truth.fits"));
  // 0.6 electrons in 17.8 of noise, and 12 288 pulls: ± 0.011
  t.true(Math.abs(median - 0.03) < 0.05, `median ${median}`);
  t.true(width > 0.96 && width < 1.04, `width ${width}`);
});
