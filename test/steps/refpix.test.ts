import test from "ava";
import * as v from "valibot";
import { DQ } from "../../src/data/dq.js";
import type { Border } from "../../src/data/exposure.js";
import type { Ramp } from "../../src/data/kinds.js";
import { samples } from "../../src/data/ramp.js";
import { heap } from "../../src/kernels/alloc.js";
import { borderOf } from "../../src/instruments/common/border.js";
import { refpix } from "../../src/steps/refpix.js";
import { uniform } from "../helpers/images.js";
import { bandOf, exposureOf, rampOf, readoutOf, rowsOf } from "../helpers/ramps.js";
import { prepareOn } from "../helpers/run-step.js";

const [nx, ny, ngroups] = [32, 64, 3];
const random = uniform(11);
const counts = Array.from({ length: ngroups * nx * ny }, () => 1000 + 400 * random());
const exposure = exposureOf(readoutOf(ngroups), {});

/** Some reference pixels are bad. */
const flags = (border: Border): number[] =>
  Array.from({ length: nx * ny }, (_, i) => {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    const dark = x < border.left || x >= nx - border.right || y < border.bottom || y >= ny - border.top;
    return (dark ? DQ.REFERENCE_PIXEL : 0) + (random() < 0.05 ? DQ.DO_NOT_USE : 0);
  });

function correct(border: Border, header: Record<string, number>, y0: number, rows: number): Float32Array {
  const params = v.parse(refpix.params, {
    channels: 4,
    border: border.left === 4 && border.top === 4 ? 4 : 0,
  });
  const framed = { ...exposure, border };
  const make = (): Ramp =>
    rampOf({ nx, ny, ngroups, nints: 1 }, counts, framed, heap, { pixeldq: dq.get(border)! });
  const around = { params, refs: { sirskernel: null }, exposure: framed, header, alloc: heap };
  const prepared = prepareOn(refpix, make(), around) as never;
  const halo = refpix.halo!(params, framed);
  const [from, to] = [Math.max(0, y0 - halo), Math.min(ny, y0 + rows + halo)];
  const { product } = refpix.run(bandOf(make(), from, to - from), { ...around, members: {}, prepared });
  return rowsOf(samples(product, heap), product, y0 - from, rows);
}

const closed: Border = { left: 4, right: 4, bottom: 4, top: 4 };
const corner: Border = { left: 2, right: 0, bottom: 0, top: 3 };
const dq = new Map([closed, corner].map((border) => [border, flags(border)]));

for (const [FASTAXIS, SLOWAXIS] of [
  [1, 2],
  [-1, 2],
  [1, -2],
  [2, 1],
  [-2, -1],
] as const)
  for (const border of [closed, corner])
    test(`refpix in bands ≡ whole: FASTAXIS ${FASTAXIS}, SLOWAXIS ${SLOWAXIS}, ${border === closed ? "border all around" : "a corner"}`, (t) => {
      const header = { FASTAXIS, SLOWAXIS };
      const whole = correct(border, header, 0, ny);
      for (const [y0, rows] of [
        [0, 9],
        [9, 40],
        [49, 15],
      ] as const)
        t.deepEqual(correct(border, header, y0, rows), rowsOf(whole, { nx, ny }, y0, rows));
      t.false(whole.every((value, i) => value === Math.fround(counts[i]!)));
    });

test("a window at the upper left corner of a 2048² detector has reference pixels left and above", (t) => {
  const window = { name: "SUB", x: 1, y: 2048 - 63, nx: 64, ny: 64 };
  t.deepEqual(borderOf(window, 2048, 4), { left: 4, right: 0, bottom: 0, top: 4 });
  const middle = { name: "SUB", x: 4, y: 1000, nx: 64, ny: 64 };
  t.deepEqual(borderOf(middle, 2048, 4), { left: 1, right: 0, bottom: 0, top: 0 });
});
