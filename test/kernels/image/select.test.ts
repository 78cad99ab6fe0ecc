import test from "ava";
import fc from "fast-check";
import { gather, medianOf, modeOf, select } from "../../../src/kernels/image/select.js";

const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });

test("select(a, n, k) = sorted a[k], with smaller values before and larger ones behind", (t) => {
  fc.assert(
    fc.property(values, fc.nat(), (list, pick) => {
      const k = pick % list.length;
      const a = Float32Array.from(list);
      const sorted = [...list].sort((x, y) => x - y);
      t.is(select(a, a.length, k), sorted[k]!);
      t.true(a.subarray(0, k).every((v) => v <= a[k]!) && a.subarray(k).every((v) => v >= a[k]!));
    }),
  );
});

test("median of an even number of values is the mean of the middle two; of none NaN", (t) => {
  t.is(medianOf(Float32Array.of(9, 1, 3, 2), 4), 2.5);
  t.is(medianOf(Float32Array.of(9, 1, 3), 3), 3);
  t.is(medianOf(new Float32Array(3), 0), NaN);
});

test("mode: the most frequent value, the smallest on ties", (t) => {
  t.is(modeOf(Float32Array.of(5, 3, 5, 3, 1), 5), 3);
  t.is(modeOf(new Float32Array(1), 0), NaN);
});

test("gather takes finite pixels with DQ 0", (t) => {
  const out = new Float32Array(4);
  const sci = Float32Array.of(1, NaN, 3, Infinity);
  t.is(gather(out, sci, Uint32Array.of(0, 0, 1, 0), false), 1);
  t.is(out[0], 1);
  t.is(gather(out, sci, null, false), 2);
  t.is(gather(out, sci, Uint32Array.of(0, 0, 1, 0), true), 3);
});
