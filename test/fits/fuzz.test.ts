import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { inFolder, readEverything } from "./helpers.js";
import { makeSeeds, mutate, randomFrom } from "./mutate.js";

const runs = Number(process.env["IRIS_FUZZ_RUNS"] ?? 600);

test("mutated files give tagged errors or data, never a crash", (t) => {
  inFolder((folder) => {
    const seeds = makeSeeds(folder, 12_000);
    const path = join(folder, "mutated.fits");
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), (n) => {
        const random = randomFrom(n);
        writeFileSync(path, mutate(seeds[Math.floor(random() * seeds.length)]!, random));
        readEverything(path);
      }),
      { numRuns: runs },
    );
  });
  t.pass();
});
