import test from "ava";
import { solveLevels } from "../../../src/kernels/image/levels.js";
import { close } from "../../helpers/images.js";

test("levels 1, −2, 1 from their differences; the mean is 0", (t) => {
  const pairs = [
    { a: 0, b: 1, difference: 3, weight: 100 },
    { a: 1, b: 2, difference: -3, weight: 50 },
  ];
  t.true(close(solveLevels(3, pairs), [1, -2, 1]));
});

test("contradicting differences are met half-way, by their weights", (t) => {
  const pairs = [
    { a: 0, b: 1, difference: 3, weight: 3 },
    { a: 1, b: 0, difference: 1, weight: 1 },
  ];
  // 3·(L − 3)² + (−L − 1)² is least at L = 2
  t.true(close(solveLevels(2, pairs), [1, -1]));
});

test("images without overlap have levels of their own, 0 for one alone", (t) => {
  const pairs = [
    { a: 0, b: 2, difference: 2, weight: 1 },
    { a: 1, b: 4, difference: 6, weight: 1 },
  ];
  t.true(close(solveLevels(5, pairs), [1, 3, -1, 0, -3]));
  t.deepEqual([...solveLevels(2, [])], [0, 0]);
});
