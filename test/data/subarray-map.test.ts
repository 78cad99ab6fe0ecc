import test from "ava";
import { flagHoles, parseSubarrayMap, subarrayKeywords, subarrayPlace } from "../../src/data/subarray-map.js";

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

test("in a band of rows the map's rows are counted from the frame's first", (t) => {
  const dq = new Uint32Array(4);
  flagHoles(dq, two, 1);
  t.deepEqual([...dq], [16, 16, 16, 0]);
});

test("a header says where a subarray lies, or doesn't", (t) => {
  const header = { SUBA2X1: 3, SUBA2Y1: 2, SUBA2NX: 1, SUBA2NY: 5 };
  t.deepEqual(subarrayPlace(header, 2), { x0: 2, y0: 1, nx: 1, ny: 5 });
  t.is(subarrayPlace(header, 1), null);
});
