import test from "ava";
import {
  countRuns,
  flagRuns,
  growMask,
  maskObjects,
  runsOf,
} from "../../../src/kernels/image/object-mask.js";
import { normal } from "../../helpers/images.js";

test("a pixel grows to a disc, cut at the edge of the frame", (t) => {
  const mask = new Uint8Array(49);
  mask[3 * 7 + 3] = 1;
  mask[0] = 1;
  const grown = new Uint8Array(49);
  growMask(grown, mask, 7, 7, 2);
  const rows = Array.from({ length: 7 }, (_, y) => [...grown.subarray(7 * y, 7 * y + 7)].join(""));
  t.deepEqual(rows, ["1110000", "1101000", "1011100", "0111110", "0011100", "0001000", "0000000"]);
});

test("runs drawn over any band are the mask", (t) => {
  const random = normal(3);
  const mask = Uint8Array.from({ length: 200 }, () => (random() > 0.6 ? 1 : 0));
  const runs = runsOf(mask);
  t.is(
    countRuns(runs),
    mask.reduce((sum, set) => sum + set, 0),
  );
  for (const [from, to] of [
    [0, 200],
    [0, 1],
    [37, 81],
    [199, 200],
  ] as const) {
    const band = new Uint32Array(to - from).fill(4);
    flagRuns(band, runs, from, 8);
    t.deepEqual(
      band,
      Uint32Array.from(mask.subarray(from, to), (set) => 4 + 8 * set),
    );
  }
});

test("stars on a sloping sky are masked with their wings, the sky isn't", (t) => {
  const n = 128;
  const random = normal(7);
  const stars = [
    [30, 40],
    [90, 100],
  ] as const;
  const sci = Float32Array.from({ length: n * n }, (_, i) => {
    const [x, y] = [i % n, Math.floor(i / n)];
    const light = stars.reduce((sum, [a, b]) => sum + 300 * Math.exp(-((x - a) ** 2 + (y - b) ** 2) / 8), 0);
    return 100 + 0.1 * x + light + random();
  });
  const mask = new Uint8Array(n * n);
  const found = maskObjects(mask, sci, new Uint8Array(n * n), n, n, {
    nsigma: 2,
    minarea: 5,
    grow: 2,
    box: 32,
  })!;
  t.is(found.count, 2);
  // FWHM = 2.35 × 2; isophotes of bright stars tell a little less
  t.true(found.fwhm > 3.5 && found.fwhm < 5, String(found.fwhm));
  for (const [a, b] of stars)
    for (const [dx, dy] of [
      [0, 0],
      [9, 0],
      [0, -9],
    ] as const)
      t.is(mask[(b + dy) * n + a + dx], 1);
  const share = mask.reduce((sum, set) => sum + set, 0) / mask.length;
  t.true(share < 0.12, String(share));
  t.is(mask[64 * n + 64], 0);
});
