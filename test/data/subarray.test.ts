import test from "ava";
import { cutOf, placeOf } from "../../src/data/subarray.js";
import { CalibrationError } from "../../src/errors.js";

const at = (x: number, y: number, nx: number, ny: number, name = "CUSTOM") => ({ name, x, y, nx, ny });

test("x0 = SUBSTRT1(science) − SUBSTRT1(reference), size of the science", (t) => {
  t.deepEqual(cutOf(at(11, 21, 30, 40), at(1, 1, 100, 100), "r"), { x0: 10, y0: 20, nx: 30, ny: 40 });
  t.deepEqual(cutOf(at(60, 70, 10, 12), at(51, 61, 40, 30), "r"), { x0: 9, y0: 9, nx: 10, ny: 12 });
});

test("a reference of the science's own place is used whole", (t) => {
  t.deepEqual(cutOf(at(60, 70, 10, 12), at(60, 70, 10, 12), "r"), { x0: 0, y0: 0, nx: 10, ny: 12 });
});

test("a rectangle that leaves the reference on any side is an error that names both", (t) => {
  const reference = at(20, 20, 50, 50);
  for (const science of [at(5, 30, 5, 5), at(30, 5, 5, 5), at(66, 30, 5, 5), at(30, 66, 5, 5)])
    t.throws(() => cutOf(science, reference, "r.fits"), {
      instanceOf: CalibrationError,
      message:
        /^Bad reference file slice indexes: on r\.fits — the science covers .* reference \[20:69, 20:69\]$/,
    });
});

test("a full frame takes no reference of another size", (t) => {
  t.throws(() => cutOf(at(1, 1, 10, 10, "FULL"), at(1, 1, 20, 20), "r"), { instanceOf: CalibrationError });
});

test("placeOf reads SUBSTRT1/2 and takes the first pixel without them", (t) => {
  t.deepEqual(placeOf({ SUBARRAY: "CUSTOM", SUBSTRT1: 5, SUBSTRT2: 6 }, 3, 4), at(5, 6, 3, 4));
  t.deepEqual(placeOf({}, 3, 4), at(1, 1, 3, 4, "FULL"));
});
