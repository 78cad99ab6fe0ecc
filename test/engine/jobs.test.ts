import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { execute, plan } from "../../src/engine/index.js";
import { writeFits } from "../../src/fits/index.js";
import { folder, layer, request, testHost } from "./helpers.js";

const [nx, ny, reads] = [512, 600, 120];

/** A ramp large enough that workers are started for it: 74 MB of pseudo-random reads. */
function largeRamp(): string {
  const data = new Uint16Array(nx * ny * reads);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = 1000 + 40 * Math.floor(i / (nx * ny)) + (state >>> 26);
  }
  const path = join(folder(), "large_uncal.fits");
  const cards = Object.entries({
    TELESCOP: "TMT",
    INSTRUME: "IRIS",
    DETECTOR: "IMG1",
    TFRAME: 2,
    EXPTIME: 240,
  });
  writeFits(path, [
    { cards: cards.map(([keyword, value]) => ({ keyword, value })) },
    { name: "SCI", data, shape: [1, reads, ny, nx], cards: [] },
  ]);
  return path;
}

test("--jobs 1 and --jobs 3 give the same bytes, and workers take part", async (t) => {
  t.timeout(60_000);
  const input = largeRamp();
  const made: Buffer[] = [];
  const workers: number[] = [];
  for (const jobs of [1, 3]) {
    const host = testHost();
    const layers = [layer({ refs: { GAIN: "N/A", READNOISE: "N/A" } })];
    const wanted = request(folder(), [input], {
      host,
      layers,
      step: { name: "ramp_fit", module: null },
      quicklook: true,
    });
    const planned = await plan(wanted);
    let started = 0;
    const count = () => started++;
    process.on("worker", count);
    for await (const event of execute(planned, { host, jobs, mem: 1e9, force: false })) {
      t.not(event.type, "failure", JSON.stringify(event));
    }
    process.off("worker", count);
    workers.push(started);
    const { output, quicklook } = planned.products[0]!;
    made.push(Buffer.concat([readFileSync(output), readFileSync(quicklook!)]));
  }
  t.deepEqual(workers, [0, 2]);
  t.true(made[0]!.equals(made[1]!));
});
