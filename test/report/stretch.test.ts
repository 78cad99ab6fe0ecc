import test from "ava";
import { rangeOf, stretchTable, stretches, zscale } from "../../src/report/stretch.js";
import { normal } from "../helpers/images.js";

test("zscale of a ramp: the slope divided by the contrast about the median, within the data", (t) => {
  // 0 … 100 in 101 steps: slope 1, /0.25 = 4 → beyond both ends
  t.deepEqual(zscale(Float32Array.from({ length: 101 }, (_, i) => i)), { low: 0, high: 100 });
  // with contrast 2 half of the range about 50
  t.deepEqual(
    zscale(
      Float32Array.from({ length: 101 }, (_, i) => i),
      2,
    ),
    { low: 25, high: 75 },
  );
});

test("zscale of noise with a few bright stars shows the noise", (t) => {
  const gauss = normal(5);
  const sky = Float32Array.from({ length: 40_000 }, (_, i) => (i % 500 === 0 ? 10_000 : 100 + gauss()));
  const { low, high } = zscale(sky);
  t.true(low > 90 && low < 99.5 && high > 100.5 && high < 115);
});

test("NaN isn't sampled; a constant image and one without any good pixel still have a black and a white", (t) => {
  t.deepEqual(zscale(Float32Array.of(NaN, 3, 3, 3, NaN)), { low: 2.5, high: 3.5 });
  t.deepEqual(zscale(Float32Array.of(NaN)), { low: 0, high: 1 });
  t.deepEqual(rangeOf(Float32Array.of(NaN), "asinh"), { low: 0, high: 1, softening: 1 });
});

test("a curved stretch puts white near the brightest pixels and turns logarithmic above the sky", (t) => {
  const gauss = normal(6);
  const sky = Float32Array.from({ length: 40_000 }, (_, i) => (i % 500 === 0 ? 10_000 : 100 + gauss()));
  const { high, softening } = rangeOf(sky, "asinh");
  t.is(high, 10_000);
  t.true(softening < 0.01);
});

test("white of a power stretch is that of the sky: squared, all but the brightest star would be black", (t) => {
  const gauss = normal(6);
  const sky = Float32Array.from({ length: 40_000 }, (_, i) => (i % 500 === 0 ? 10_000 : 100 + gauss()));
  t.deepEqual(rangeOf(sky, "power"), { ...zscale(sky), softening: 1 });
});

test("every curve rises from 0 to 1", (t) => {
  for (const stretch of stretches) {
    const table = stretchTable(stretch, 101);
    t.is(table[0], 0);
    t.true(Math.abs(table[100]! - 1) < 1e-12);
    t.true(table.every((value, i) => i === 0 || value > table[i - 1]!));
  }
});
