import test from "ava";
import fc from "fast-check";
import { bandHeight, cutBands, withHalo } from "../../src/engine/bands.js";
import { LEAF_ROWS } from "../../src/engine/hashes.js";

test("bands cover every row once, in order", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 300 }), (ny, height) => {
      let next = 0;
      for (const band of cutBands(ny, height)) {
        if (band.y0 !== next || band.ny < 1) return false;
        next += band.ny;
      }
      return next === ny;
    }),
  );
  t.pass();
});

test("bands begin at leaves of the content hash", (t) => {
  for (const planes of [1, 10, 100, 1000]) {
    const height = bandHeight({ kind: "ramp", nx: 4096, planes, companions: 5 }, 4096, 1e9);
    t.is(height % LEAF_ROWS, 0);
  }
});

test("a frame of fewer rows than a leaf is one band", (t) => {
  t.is(bandHeight({ kind: "ramp", nx: 10, planes: 4, companions: 0 }, 10, 1e9), 10);
});

test("less memory, lower bands; never less than a leaf", (t) => {
  const cost = { kind: "ramp", nx: 4096, planes: 100, companions: 0 } as const;
  t.true(bandHeight(cost, 4096, 4e6) <= bandHeight(cost, 4096, 1e9));
  t.is(bandHeight(cost, 4096, 1), LEAF_ROWS);
});

test("a halo is cut at the edges of the frame", (t) => {
  t.deepEqual(withHalo({ y0: 0, ny: 16 }, 2, 64), { y0: 0, ny: 18 });
  t.deepEqual(withHalo({ y0: 16, ny: 16 }, 2, 64), { y0: 14, ny: 20 });
  t.deepEqual(withHalo({ y0: 48, ny: 16 }, 2, 64), { y0: 46, ny: 18 });
  t.deepEqual(withHalo({ y0: 0, ny: 64 }, 2, 64), { y0: 0, ny: 64 });
});
