import test from "ava";
import { contourLines, levelsFor } from "../../src/report/contours.js";
import { normal } from "../helpers/images.js";

const linesOf = (values: number[], width: number, level: number): number[][] => {
  const lines: number[][] = [];
  const size = { width, height: values.length / width };
  contourLines(Float32Array.from(values), size, level, (...line) => lines.push(line));
  return lines;
};

test("the line at r² = 26.5 of a bowl is a circle of its radius, closed", (t) => {
  const bowl = Array.from(
    { length: 21 * 21 },
    (_, i) => ((i % 21) - 10) ** 2 + (Math.floor(i / 21) - 10) ** 2,
  );
  const radius = Math.sqrt(26.5);
  const lines = linesOf(bowl, 21, 26.5);
  for (const [x0, y0] of lines) t.true(Math.abs(Math.hypot(x0! - 10, y0! - 10) - radius) < 0.06);
  const length = lines.reduce((sum, [x0, y0, x1, y1]) => sum + Math.hypot(x1! - x0!, y1! - y0!), 0);
  t.true(Math.abs(length - 2 * Math.PI * radius) < 0.3, String(length));
  // every end is the end of another line, too
  const ends = lines.flatMap(([x0, y0, x1, y1]) => [`${x0},${y0}`, `${x1},${y1}`]);
  t.true(ends.every((end) => ends.filter((other) => other === end).length === 2));
});

test("facing corners are joined where the middle of the cell is above the level, else apart", (t) => {
  // corners (0, 0) and (1, 1) are 1, the others 0: the middle is 0.5
  const apart = linesOf([1, 0, 0, 1], 2, 0.75);
  t.deepEqual(apart, [
    [0, 0.25, 0.25, 0],
    [1, 0.75, 0.75, 1],
  ]);
  const joined = linesOf([1, 0, 0, 1], 2, 0.25);
  t.deepEqual(joined, [
    [0.75, 0, 1, 0.25],
    [0.25, 1, 0, 0.75],
  ]);
});

test("a cell with a pixel that has no value has no line", (t) => {
  t.is(linesOf([0, 1, 0, 1], 2, 0.5).length, 1);
  t.deepEqual(linesOf([0, 1, NaN, 1], 2, 0.5), []);
});

test("levels begin above the noise and end below white", (t) => {
  const noise = normal(3);
  const values = Float32Array.from({ length: 4000 }, () => 100 + 2 * noise());
  const range = { low: 94, high: 500, softening: 0.02 };
  const levels = levelsFor(values, 80, 5, range, "asinh");
  t.is(levels.length, 5);
  t.true(levels[0]! > 105 && levels.at(-1)! < 500);
  t.true(levels.every((level, k) => k === 0 || level > levels[k - 1]!));
});
