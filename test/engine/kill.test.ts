import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { readLedger } from "../../src/engine/ledger.js";
import { openFits, readImage } from "../../src/fits/index.js";
import { packageRoot } from "../../src/package.js";
import { fixture, folder } from "./helpers.js";

const iris = [process.execPath, join(packageRoot, "bin", "iris.js")] as const;
const raw = fixture("iris_utr.fits");
const env = { ...process.env, XDG_CACHE_HOME: folder(), NO_COLOR: "1" };
delete (env as Record<string, unknown>)["CRDS_PATH"];

const words = (out: string): string[] => [iris[1], "reduce", raw, fixture("iris_sci_rate.fits"), "-o", out];

/** Names of the products; throws when one of them isn't whole. */
function wholeProducts(out: string): string[] {
  let names: string[];
  try {
    names = readdirSync(out).filter((name) => name.endsWith(".fits"));
  } catch {
    return [];
  }
  for (const name of names) {
    const file = openFits(join(out, name));
    for (const hdu of file.hdus) if (hdu.image) readImage(file, hdu);
    if (file.hdu("IRIS_PROV") === undefined) throw new Error(`${name} has no record`);
    file.close();
  }
  return names;
}

test("killed at 20 random moments: never a file that isn't whole, and running again finishes", async (t) => {
  t.timeout(120_000);
  const begun = performance.now();
  spawnSync(iris[0], words(folder()), { env });
  const whole = performance.now() - begun;
  const out = folder();
  for (let i = 0; i < 20; i++) {
    const child = spawn(iris[0], [...words(out), ...(i % 2 ? ["--force"] : [])], { env, stdio: "ignore" });
    const closed = new Promise((resolve) => child.on("close", resolve));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * whole));
    child.kill("SIGKILL");
    await closed;
    t.notThrows(() => wholeProducts(out));
  }
  const last = spawnSync(iris[0], words(out), { env, encoding: "utf8" });
  t.is(last.status, 0, last.stderr);
  t.deepEqual(wholeProducts(out).sort(), ["iris_sci_cal.fits", "iris_utr_cal.fits"]);
  t.deepEqual(
    readdirSync(out).filter((name) => name.includes(".tmp-")),
    [],
  );
});

test("processes that write to one folder harm neither the ledger nor each other's products", async (t) => {
  t.timeout(120_000);
  const out = folder();
  const inputs = [1, 2, 3, 4, 5].map((i) => fixture(`iris_dark_${i}_rate.fits`));
  const runs = [0, 1, 2].map(async (k) => {
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[(i + k) % inputs.length]!;
      const child = spawn(iris[0], [iris[1], "step", "run", "assign_wcs", input, "-o", out, "--force"], {
        env,
        stdio: "ignore",
      });
      t.is(await new Promise((resolve) => child.on("close", resolve)), 0);
    }
  });
  await Promise.all(runs);
  t.is(wholeProducts(out).length, 5);
  t.is(readLedger(out).size, 5);
});
