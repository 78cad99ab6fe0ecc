import test from "ava";
import { fillQuad, makeCanvas } from "../../src/report/canvas.js";
import { drawSurface, surfaceHeight } from "../../src/report/surface.js";

const WIDTH = 640;

const landscape = (sci: Float32Array): Uint8Array => {
  const canvas = makeCanvas(WIDTH, surfaceHeight(WIDTH), [0, 0, 0]);
  const frame = { nx: 9, ny: 9, sci, err: null, dq: null };
  const range = { low: 0, high: 1 };
  drawSurface(canvas, 0, frame, { stretch: "linear", map: "grey", origin: [1, 1], title: "", range });
  return canvas.pixels;
};

/** The first row, from the top, that differs. */
const firstChange = (a: Uint8Array, b: Uint8Array): number =>
  Math.floor(a.findIndex((value, i) => value !== b[i]) / (3 * WIDTH));

test("a peak stands above the plain, a higher one higher", (t) => {
  const plain = landscape(new Float32Array(81));
  const peak = (height: number): Uint8Array =>
    landscape(Float32Array.from({ length: 81 }, (_, i) => (i === 40 ? height : 0)));
  t.true(firstChange(peak(1), plain) < firstChange(peak(0.4), plain) - 30);
});

test("what stands before hides what is behind it", (t) => {
  // a wall along the lower rows of the frame hides a bump in the rows behind
  const wall = (bump: number): Float32Array =>
    Float32Array.from({ length: 81 }, (_, i) => (i < 27 ? 1 : i === 9 * 4 + 4 ? bump : 0));
  const open = (bump: number): Float32Array =>
    Float32Array.from({ length: 81 }, (_, i) => (i === 40 ? bump : 0));
  const changed = (a: Uint8Array, b: Uint8Array): number => a.filter((value, i) => value !== b[i]).length;
  const hidden = changed(landscape(wall(0.3)), landscape(wall(0)));
  t.true(hidden < 0.5 * changed(landscape(open(0.3)), landscape(open(0))), String(hidden));
});

test("a quadrilateral is filled without gaps, and not beyond the part that may be drawn on", (t) => {
  const canvas = makeCanvas(10, 10, [0, 0, 0]);
  const corners = [
    [1, 1],
    [8, 1],
    [8, 8],
    [1, 8],
  ] as const;
  fillQuad({ ...canvas, clip: [0, 5, 0, 10] }, corners, [255, 0, 0]);
  const lit = Array.from({ length: 100 }, (_, i) => canvas.pixels[3 * i] === 255);
  t.true(lit.every((on, i) => on === (i % 10 >= 1 && i % 10 < 5 && i >= 10 && i < 90)));
});
