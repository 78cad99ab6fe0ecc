import test from "ava";
import { InputError, StepError } from "../../src/errors.js";
import { mosaic } from "../../src/steps/mosaic.js";
import { close, normal, planes } from "../helpers/images.js";
import { regrid } from "../helpers/regrid.js";

const wcs = (x: number, y: number) => ({
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRPIX1: x,
  CRPIX2: y,
  CRVAL1: 10,
  CRVAL2: 20,
  CDELT1: -1e-6,
  CDELT2: 1e-6,
});

test("two frames by their coordinates: the mean where they overlap, NaN where there is none", (t) => {
  const one = planes([1, 2, 3, 4], { nx: 2, err: [1, 1, 1, 1], header: wcs(1, 1) });
  // The same sky one pixel to the left and one lower in the frame: it lies one further on the mosaic.
  const two = planes([8, 6, 7, 9], { nx: 2, err: [1, 1, 1, 1], header: wcs(0, 0) });
  const { grid, image, outcome } = regrid(mosaic, [one, two]);
  t.deepEqual([grid.nx, grid.ny, grid.keywords["CRPIX1"]], [3, 3, 1]);
  t.true(close(image.sci, [1, 2, NaN, 3, 6, 6, NaN, 7, 9]));
  t.true(close(image.err, [1, 1, NaN, 1, Math.SQRT1_2, 1, NaN, 1, 1]));
  t.deepEqual([...image.weight], [1, 1, 0, 1, 2, 1, 0, 1, 1]);
  t.deepEqual([...image.dq], [0, 0, 1, 0, 0, 0, 1, 0, 0]);
  t.is(outcome.status, "complete");
});

test("a frame below the first moves the reference pixel of the mosaic", (t) => {
  const frames = [planes([1], { header: wcs(1, 1) }), planes([2], { header: wcs(3, 2) })];
  const { grid, image } = regrid(mosaic, frames);
  t.deepEqual([grid.nx, grid.ny, grid.keywords["CRPIX1"], grid.keywords["CRPIX2"]], [3, 2, 3, 2]);
  t.true(close(image.sci, [2, NaN, NaN, NaN, NaN, 1]));
});

test("XOFFSET and YOFFSET place frames without coordinates", (t) => {
  const at = (x: number, y: number) => ({ XOFFSET: x, YOFFSET: y });
  const frames = [planes([1], { header: at(5, 5) }), planes([2], { header: at(6.2, 5) })];
  const { image, outcome } = regrid(mosaic, frames, { offsets: "keywords" });
  t.true(close(image.sci, [1, 2]));
  const scaled = frames.map((frame) => ({ ...frame, header: { ...frame.header, SCALE: 0.5 } }));
  t.is(regrid(mosaic, scaled, { offsets: "keywords" }).grid.nx, 3);
  t.is(outcome.status, "partial");
  t.regex(outcome.status === "partial" ? outcome.caveats[0]!.message : "", /0\.20 pixels off/);
  t.throws(() => regrid(mosaic, frames), { instanceOf: InputError, message: /offsets=keywords|no CRPIX1/ });
  t.throws(() => regrid(mosaic, [planes([1])], { offsets: "keywords" }), { instanceOf: InputError });
});

test("band ≡ frame, bit for bit", (t) => {
  const deviate = normal(3);
  const frame = (x: number, y: number) =>
    planes(
      Array.from({ length: 13 * 17 }, () => deviate()),
      { nx: 13, err: Array.from({ length: 13 * 17 }, () => 1), header: wcs(x, y) },
    );
  const frames = [frame(1, 1), frame(-3, 5), frame(4, -9), frame(2, 2)];
  const whole = regrid(mosaic, frames).image;
  for (const height of [1, 4, 16]) {
    const cut = regrid(mosaic, frames, {}, height).image;
    t.deepEqual(new Uint32Array(cut.sci.buffer), new Uint32Array(whole.sci.buffer));
    t.deepEqual(new Uint32Array(cut.err.buffer), new Uint32Array(whole.err.buffer));
    t.deepEqual([cut.dq, cut.weight], [whole.dq, whole.weight]);
  }
});

test("different units don't go together", (t) => {
  const frames = [planes([1], { header: wcs(1, 1) }), planes([2], { header: wcs(1, 1) })];
  const { grid } = regrid(mosaic, frames);
  t.is(grid.nx, 1);
  t.throws(() => regrid(mosaic, [{ ...frames[0]!, nz: 2 }]), { instanceOf: StepError });
});
