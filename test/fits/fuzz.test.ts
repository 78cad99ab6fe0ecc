import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { openFits, packedPieces, writeFits, writePieces } from "../../src/fits/index.js";
import { inFolder, readEverything } from "./helpers.js";

const runs = Number(process.env["IRIS_FUZZ_RUNS"] ?? 400);

test("mutated files give tagged errors or data, never a crash", (t) => {
  inFolder((folder) => {
    const path = join(folder, "seed.fits");
    writeFits(path, [
      {
        data: Uint16Array.of(1, 2, 3, 4),
        shape: [2, 2],
        cards: [{ keyword: "LONG", value: "x".repeat(150) }],
      },
      {
        type: "bintable",
        name: "T",
        columns: [
          { name: "V", data: [Int32Array.of(1, 2), Int32Array.of(3)] },
          { name: "S", data: ["abc", "d"] },
        ],
      },
    ]);
    const packed = join(folder, "packed.fits");
    const source = openFits(path);
    const quantise = { level: 4, dither: "SUBTRACTIVE_DITHER_1", seed: 1 } as const;
    writePieces(packed, packedPieces(source, { algorithm: "RICE_1", quantise }));
    source.close();
    const seeds = [readFileSync(path), readFileSync(packed)];
    const digits = "0123456789 -+.'=TF()PQXAENI".split("").map((c) => c.charCodeAt(0));
    const change = fc.tuple(fc.nat(30000), fc.oneof(fc.constantFrom(...digits), fc.nat(255)));
    const changes = fc.array(change, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...seeds), changes, fc.option(fc.nat(30000)), (seed, list, cut) => {
        const bytes = new Uint8Array(seed);
        for (const [at, value] of list) bytes[at % bytes.length] = value;
        writeFileSync(path, cut === null ? bytes : bytes.subarray(0, cut));
        readEverything(path);
      }),
      { numRuns: runs },
    );
  });
  t.pass();
});
