import test from "ava";
import fc from "fast-check";
import { extremes, extremesPlain } from "../../src/kernels/extremes.js";
import { kernelMemory } from "../../src/kernels/memory.js";

const memory = kernelMemory();

test("extremes ≡ their plain twin, NaN and infinities included", (t) => {
  const value = fc.oneof(fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0));
  const run = fc.property(fc.array(value, { maxLength: 60 }), fc.nat(3), (values, skip) => {
    memory.reset();
    const floats = memory.f32(values.length + skip).subarray(skip);
    floats.set(values);
    const [fast, plain] = [extremes(floats), extremesPlain(Float32Array.from(values))];
    // −0 and 0 are one extreme
    return fast.min === plain.min && fast.max === plain.max && fast.none === plain.none;
  });
  t.notThrows(() => fc.assert(run, { numRuns: 500 }));
});

test("of 3, −∞, NaN, −2, ∞ the extremes are −2 and 3, and one pixel has no value", (t) => {
  const values = Float32Array.of(3, -Infinity, NaN, -2, Infinity);
  t.deepEqual(extremesPlain(values), { min: -2, max: 3, none: 1 });
  const held = memory.f32(5);
  held.set(values);
  t.deepEqual(extremes(held), { min: -2, max: 3, none: 1 });
  t.deepEqual(extremes(memory.f32(0)), { min: Infinity, max: -Infinity, none: 0 });
});
