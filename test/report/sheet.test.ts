import test from "ava";
import { drawCircle, drawLine, drawText, makeCanvas, textSize } from "../../src/report/canvas.js";
import { glyphOf } from "../../src/report/glyphs.js";
import { numberText, ticksOf } from "../../src/report/plot.js";
import { smooth } from "../../src/report/smooth.js";

const lit = ({ width, pixels }: ReturnType<typeof makeCanvas>): [number, number][] => {
  const found: [number, number][] = [];
  for (let i = 0; i < pixels.length / 3; i++)
    if (pixels[3 * i]! > 127) found.push([i % width, Math.floor(i / width)]);
  return found;
};

test("ticks are round numbers: 1, 2, 5 times a power of ten apart", (t) => {
  t.deepEqual(ticksOf(0, 1024, 5), [0, 500, 1000]);
  t.deepEqual(ticksOf(-3, 3, 4), [-2, 0, 2]);
  t.deepEqual([1e6, 1.25e-5, 123.45, 0].map(numberText), ["1e6", "1.25e-5", "123.45", "0"]);
});

test("a letter is five by seven cells: I is a bar with feet", (t) => {
  t.deepEqual(glyphOf("I"), [14, 4, 4, 4, 4, 4, 14, 0, 0]);
  t.deepEqual(glyphOf("☃"), glyphOf("?"));
  const canvas = makeCanvas(20, 20, [0, 0, 0]);
  drawText(canvas, 1, 1, "I", [255, 255, 255], 1);
  t.is(lit(canvas).length, 3 + 5 + 3);
  t.deepEqual(textSize("ab"), [22, 14]);
});

test("lines and circles run where they should, and beyond the canvas there is nothing", (t) => {
  const canvas = makeCanvas(11, 11, [0, 0, 0]);
  drawLine(canvas, [1, 5], [30, 5], [255, 0, 0], 1);
  t.deepEqual(
    lit(canvas),
    Array.from({ length: 10 }, (_, k) => [k + 1, 5]),
  );
  const round = makeCanvas(21, 21, [0, 0, 0]);
  drawCircle(round, [10, 10], 8, [255, 0, 0], 1);
  t.true(lit(round).every(([x, y]) => Math.abs(Math.hypot(x - 10, y - 10) - 8) < 1));
  t.true(lit(round).length > 40);
});

test("a box of three: means of the good neighbours, bad pixels filled from them", (t) => {
  const sci = Float32Array.of(1, 2, NaN, 4, 5);
  smooth(sci, null, 5, 1, { kind: "boxcar", width: 3 });
  t.deepEqual([...sci], [1.5, 1.5, 3, 4.5, 4.5]);
  const flat = new Float32Array(49).fill(7);
  smooth(
    flat,
    Uint8Array.from({ length: 49 }, (_, i) => (i === 24 ? 1 : 0)),
    7,
    7,
    { kind: "gaussian", width: 1 },
  );
  t.true(flat.every((v) => Math.abs(v - 7) < 1e-5));
});
