import test from "ava";
import { flagHoles, mergeSubarray, parseSubarrayMap, subarrayKeywords } from "../../src/data/subarray-map.js";
import { StepError } from "../../src/errors.js";

// 2 2 0 0
// 2 2 1 0
const two = { map: Uint8Array.of(2, 2, 0, 0, 2, 2, 1, 0), nx: 4, ny: 2 };

test("each rectangle goes from the first to the last pixel of its number", (t) => {
  const { rectangles, oddities } = parseSubarrayMap(two);
  t.deepEqual(rectangles, [
    { x0: 2, y0: 1, nx: 1, ny: 1 },
    { x0: 0, y0: 0, nx: 2, ny: 2 },
  ]);
  t.deepEqual(oddities, []);
  t.deepEqual(subarrayKeywords(rectangles.slice(0, 1)), { SUBA1X1: 3, SUBA1Y1: 2, SUBA1NX: 1, SUBA1NY: 1 });
});

test("the first number that is absent ends the list; later ones and ragged shapes are told", (t) => {
  const gap = { map: Uint8Array.of(1, 1, 0, 3, 0, 1, 0, 0), nx: 4, ny: 2 };
  const { rectangles, oddities } = parseSubarrayMap(gap);
  t.is(rectangles.length, 1);
  t.deepEqual(oddities, ["subarray 1 is no full rectangle", "subarray 3 is left out: there is no 2"]);
});

test("holes are flagged beside the flags that are there", (t) => {
  const dq = Uint32Array.of(1, 0, 2, 0, 0, 0, 0, 0);
  flagHoles(dq, two);
  t.deepEqual([...dq], [17, 16, 2, 0, 16, 16, 16, 0]);
});

const planesOf = (values: readonly number[]) => ({
  sci: Float32Array.from(values),
  err: Float32Array.from(values, (v) => v / 10),
  dq: Uint32Array.from(values),
});

test("a subarray's pixels go back where the map has its number, flags replaced", (t) => {
  const full = planesOf([16, 16, 2, 3, 16, 16, 16, 7]);
  mergeSubarray(full, two, 2, planesOf([101, 102, 103, 104]));
  t.deepEqual([...full.sci], [101, 102, 2, 3, 103, 104, 16, 7]);
  t.deepEqual([...full.dq], [101, 102, 2, 3, 103, 104, 16, 7]);
});

test("a subarray of another size is refused", (t) => {
  t.throws(() => mergeSubarray(planesOf([1, 1, 1, 1, 1, 1, 1, 1]), two, 2, planesOf([1, 2, 3])), {
    instanceOf: StepError,
    message: /3 pixels, the full frame's map 4/,
  });
});
