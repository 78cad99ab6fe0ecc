import test from "ava";
import { formatSection, isWithin, parseSection } from "../../src/data/section.js";

test("sections count from 1 and include both ends; spaces don't matter", (t) => {
  t.deepEqual(parseSection("[  17: 528,   1: 520]"), { x0: 16, y0: 0, nx: 512, ny: 520 });
});

test("a range that runs backwards covers the same pixels", (t) => {
  t.deepEqual(parseSection("[1:1024,4096:1]"), { x0: 0, y0: 0, nx: 1024, ny: 4096 });
});

test("parse ∘ format = id", (t) => {
  const rectangle = { x0: 3, y0: 7, nx: 11, ny: 2 };
  t.deepEqual(parseSection(formatSection(rectangle)), rectangle);
});

test("what is no section is null", (t) => {
  for (const text of ["", "[0:0,0:0]", "UNKNOWN", "[1:2]", "1:2,3:4"]) t.is(parseSection(text), null, text);
});

test("a section lies in a frame up to its last pixel", (t) => {
  t.true(isWithin({ x0: 1, y0: 0, nx: 9, ny: 5 }, 10, 5));
  t.false(isWithin({ x0: 1, y0: 0, nx: 10, ny: 5 }, 10, 5));
});
