import test from "ava";
import fc from "fast-check";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { sumReads } from "../../../src/kernels/ramp/sum-reads.js";

const memory = kernelMemory();

/** Σ_k w_k·s_k in exact integers, s_k big-endian int16. */
function expected(planes: readonly Uint8Array[], weights: readonly number[], pixels: number): number[] {
  const views = planes.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset));
  return Array.from({ length: pixels }, (_, p) =>
    weights.reduce((sum, w, k) => sum + w * views[k]!.getInt16(2 * p), 0),
  );
}

const ramps = fc
  .record({ pixels: fc.integer({ min: 1, max: 70 }), reads: fc.integer({ min: 1, max: 41 }) })
  .chain(({ pixels, reads }) =>
    fc.record({
      pixels: fc.constant(pixels),
      planes: fc.array(fc.uint8Array({ minLength: 2 * pixels, maxLength: 2 * pixels }), {
        minLength: reads,
        maxLength: reads,
      }),
      weights: fc.array(fc.constantFrom(0, 1, -1, 39, -16383, 16383, 30000), {
        minLength: reads,
        maxLength: reads,
      }),
    }),
  );

test("Σ w_k s_k of reads that come one after another is that of all at once, and reads without weight aren't read", (t) => {
  const run = fc.property(ramps, ({ pixels, planes, weights }) => {
    memory.reset();
    const out = memory.f64(pixels).fill(7);
    const asked: number[] = [];
    sumReads(out, Float64Array.from(weights), memory, (k, into) => {
      asked.push(k);
      into.set(planes[k]!);
    });
    const wanted = weights.flatMap((w, k) => (w === 0 ? [] : [k]));
    return (
      asked.join() === wanted.join() && expected(planes, weights, pixels).every((sum, p) => sum === out[p])
    );
  });
  t.notThrows(() => fc.assert(run, { numRuns: 200 }));
});

test("more reads than are summed together: 16 rows of 2048 pixels, 40 reads", (t) => {
  memory.reset();
  const pixels = 16 * 2048;
  const out = memory.f64(pixels);
  const weights = Float64Array.from({ length: 40 }, (_, k) => 2 * k - 39);
  sumReads(out, weights, memory, (k, into) => {
    const view = new DataView(into.buffer, into.byteOffset, into.length);
    for (let p = 0; p < pixels; p++) view.setInt16(2 * p, k * (p % 500) - 5000);
  });
  // Σ (2k − 39)·k over 0…39
  const slope = weights.reduce((sum, w, k) => sum + w * k, 0);
  t.is(slope, 10660);
  for (const p of [0, 1, 499, 500, pixels - 1]) t.is(out[p], slope * (p % 500));
});
