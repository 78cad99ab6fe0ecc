import test from "ava";
import { DQ } from "../../../../src/data/dq.js";
import { UsageError } from "../../../../src/errors.js";
import {
  delinearised,
  detectorRows,
  linearised,
  windowOf,
  windowsOf,
} from "../../../../src/instruments/iris/simulator/detector.js";
import { responseRows } from "../../../../src/instruments/iris/simulator/optics.js";

test("linearised(delinearised(x)) = x from 0 to 65535 DN", (t) => {
  for (let x = 0; x <= 65535; x += 257)
    t.true(Math.abs(linearised(delinearised(x, 2e-7, 3.5e-11), 2e-7, 3.5e-11) - x) < 1e-6);
});

test("a pixel is the same in every window and band that holds it", (t) => {
  const large = detectorRows(windowOf("IMG2", 100, 80), 0, 80);
  const small = detectorRows(windowOf("IMG2", 40, 30), 10, 5);
  for (const plane of Object.keys(large) as (keyof typeof large)[])
    t.is(small[plane][2 * 40 + 7], large[plane][12 * 100 + 7], plane);
  const response = (nx: number, ny: number, y0: number, rows: number) => {
    const window = windowOf("IMG2", nx, ny);
    return responseRows(window, "Jbb", detectorRows(window, y0, rows), y0, rows);
  };
  const whole = response(300, 200, 0, 200);
  const band = response(300, 200, 150, 3);
  t.deepEqual(band, whole.slice(150 * 300, 153 * 300));
});

test("a full frame has 4 reference rows and columns on each side that see nothing", (t) => {
  const window = windowOf("IMG1", 2048, 2048);
  t.is(window.name, "FULL");
  const { mask, dark } = detectorRows(window, 0, 5);
  const flag = DQ.REFERENCE_PIXEL + DQ.NON_SCIENCE;
  t.is(mask[3 * 2048 + 1000], flag);
  t.is(dark[3 * 2048 + 1000], 0);
  t.deepEqual([...mask.slice(4 * 2048, 4 * 2048 + 4)], [flag, flag, flag, flag]);
  t.not(mask[4 * 2048 + 4], flag);
});

test("windows: 4096 starts at 1, 256 at 1025, 3500 where it still fits", (t) => {
  t.like(windowOf("IMG1", 4096, 4096), { name: "FULL", x: 1, y: 1, side: 4096 });
  t.like(windowOf("IMG1", 256, 64), { name: "CUSTOM", x: 1025, y: 1025 });
  t.like(windowOf("IMG1", 3500, 3500), { x: 597, y: 597 });
  t.throws(() => windowOf("IMG9", 64, 64), { instanceOf: UsageError });
  t.throws(() => windowOf("IMG1", 5000, 64), { instanceOf: UsageError });
});

test("windows of several detectors lie at the corners that face each other, beside the reference pixels", (t) => {
  const places = windowsOf(["IMG1", "IMG2", "IMG3", "IMG4"], 512, 256).map(({ x, y }) => [x, y]);
  t.deepEqual(places, [
    [3581, 5],
    [5, 5],
    [3581, 3837],
    [5, 3837],
  ]);
  t.deepEqual(windowsOf(["IMG1"], 256, 256), [windowOf("IMG1", 256, 256)]);
  t.deepEqual(windowsOf(["IMG1", "IMG4"], 4096, 4096)[1], windowOf("IMG4", 4096, 4096));
  for (const { x, y, nx, ny } of windowsOf(["IMG1", "IMG4"], 4096, 4095))
    t.true(x >= 1 && y >= 1 && x + nx <= 4097 && y + ny <= 4097);
});

test("the character is that of the design: gain 3.04 ± 1 %, read noise 5 e⁻, 0.8 % bad pixels", (t) => {
  const { gain, noise, mask } = detectorRows(windowOf("IMG3", 256, 256), 0, 256);
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  t.true(Math.abs(mean(gain) / 3.04 - 1) < 0.01);
  const electrons = noise.map((sigma, i) => sigma * gain[i]!).sort();
  t.true(Math.abs(electrons[electrons.length / 2]! - 5) < 0.02);
  const bad = mask.filter((bits) => bits !== 0).length / mask.length;
  t.true(Math.abs(bad - 0.008) < 5 * Math.sqrt(0.008 / mask.length), String(bad));
});
