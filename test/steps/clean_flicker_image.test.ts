import test from "ava";
import { DQ } from "../../src/data/dq.js";
import type { Image } from "../../src/data/kinds.js";
import { cleanFlickerImage } from "../../src/steps/clean_flicker_image.js";
import { image, normal } from "../helpers/images.js";
import { runOn } from "../helpers/run-step.js";

const [nx, ny, nz] = [64, 40, 2];
const n = nx * ny;

/** A sky of 10, noise of 1, stripes of 1 in every row of either plane, and a source in column 7. */
function striped(): Image {
  const deviate = normal(17);
  const sci: number[] = [];
  for (let k = 0; k < nz * ny; k++) {
    const stripe = deviate();
    for (let x = 0; x < nx; x++) sci.push(10 + stripe + deviate() + (x === 7 ? 500 : 0));
  }
  return { ...image(sci, { nx, dq: sci.map(() => 0) }), ny, nz };
}

/** Means of the rows of a plane without the source. */
const rowMeans = ({ sci }: Image, z: number): number[] =>
  Array.from({ length: ny }, (_, y) => {
    let sum = 0;
    for (let x = 8; x < nx; x++) sum += sci[z * n + y * nx + x]!;
    return sum / (nx - 8);
  });

const scatter = (values: readonly number[]): number => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
};

test("the stripes of each plane of a stack go; sky, source and errors stay", (t) => {
  const given = striped();
  given.err.fill(2);
  const { product } = runOn<Image>(cleanFlickerImage, { ...given, sci: given.sci.slice() });
  for (let z = 0; z < nz; z++) {
    // medians of some 60 pixels follow a stripe to 1.25/√60 = 0.16, about what the means of rows scatter by themselves
    t.true(scatter(rowMeans(product, z)) < 0.3 * scatter(rowMeans(given, z)));
    const means = rowMeans(product, z);
    t.true(Math.abs(means.reduce((a, b) => a + b, 0) / ny - 10) < 1.5);
    const source = product.sci[z * n + 5 * nx + 7]! - means[5]!;
    t.true(Math.abs(source - 500) < 5);
  }
  t.true(product.err.every((value) => value === 2));
});

test("pixels that can't be used don't tell of stripes, but lose them", (t) => {
  const clean = striped();
  const spoilt = { ...clean, sci: clean.sci.slice(), dq: clean.dq.slice() };
  const bad: number[] = [];
  for (let i = 0; i < nz * n; i += 9) {
    bad.push(i);
    spoilt.sci[i]! += 3;
    spoilt.dq[i] = DQ.DO_NOT_USE;
  }
  const without = { ...clean, sci: clean.sci.slice() };
  for (const i of bad) without.sci[i] = NaN;
  const given = clean.sci.slice();
  const a = runOn<Image>(cleanFlickerImage, spoilt).product.sci;
  const b = runOn<Image>(cleanFlickerImage, without).product.sci;
  t.true(a.every((value, i) => Number.isNaN(b[i]) || value === b[i]));
  t.true(bad.every((i) => Math.abs(a[i]! - given[i]! - 3) > 0));
});
