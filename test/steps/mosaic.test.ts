import test from "ava";
import { columnsOfJson, columnsOfText } from "../../src/data/columns.js";
import type { Keywords } from "../../src/data/exposure.js";
import { InputError, StepError } from "../../src/errors.js";
import { addMosaicMask } from "../../src/steps/mosaic-mask.js";
import { mosaic } from "../../src/steps/mosaic.js";
import { footprint, formatRegion, pixelToSky, readWcs, skyToPixel, type Wcs } from "../../src/wcs/index.js";
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

function wcsOf(header: Keywords): Wcs {
  const read = readWcs(header);
  if ("none" in read) throw new Error(read.none);
  return read;
}

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

/** A distortion of 64 × 64 pixels: 1e-4·32² ≈ 0.1 pixels at the middle of a side. */
const distorted = (x: number, y: number, a20 = 1e-4) => ({
  ...wcs(x, y),
  CTYPE1: "RA---TAN-SIP",
  CTYPE2: "DEC--TAN-SIP",
  A_ORDER: 2,
  B_ORDER: 2,
  A_2_0: a20,
});
const N = 64;
const frameOf = (header: ReturnType<typeof wcs>) =>
  planes(
    Array.from({ length: N * N }, (_, i) => i),
    { nx: N, header },
  );

test("exposures that share a distortion and a pointing keep it: every pixel stays where it is on the sky", (t) => {
  const header = distorted(32, 32, 1e-3);
  const { grid, outcome } = regrid(mosaic, [frameOf(header), frameOf(header)]);
  t.is(outcome.status, "complete");
  t.deepEqual(
    [grid.keywords["CTYPE1"], grid.keywords["A_ORDER"], grid.keywords["A_2_0"]],
    ["RA---TAN-SIP", 2, 1e-3],
  );
  const [own, product] = [wcsOf(header), wcsOf(grid.keywords)];
  t.deepEqual(pixelToSky(product, 63, 10), pixelToSky(own, 63, 10));
  t.is(grid.keywords["S_REGION"], formatRegion(footprint(own, N, N)));
});

test("a reference pixel that moves takes the distortion along", (t) => {
  const frames = [distorted(32, 32), distorted(35, 34)].map(frameOf);
  const { grid, outcome } = regrid(mosaic, frames);
  t.is(outcome.status, "complete");
  t.deepEqual([grid.keywords["CRPIX1"], grid.keywords["CRPIX2"], grid.keywords["A_2_0"]], [35, 34, 1e-4]);
  const [sky, moved] = [pixelToSky(wcsOf(frames[0]!.header), 5, 60), pixelToSky(wcsOf(grid.keywords), 8, 62)];
  t.true(Math.hypot(sky[0] - moved[0], sky[1] - moved[1]) < 1e-13);
});

/** The telescope `pixels` further along x, through the same camera. */
const dithered = (pixels: number, a20: number) => ({
  ...distorted(32, 32, a20),
  CRVAL1: 10 + (pixels * 1e-6) / Math.cos((20 * Math.PI) / 180),
});

test("dithers through a strong distortion don't lie on one grid, and that is said", (t) => {
  const small = regrid(mosaic, [distorted(32, 32, 1e-4), dithered(10, 1e-4)].map(frameOf));
  t.is(small.outcome.status, "complete");
  const { outcome } = regrid(mosaic, [distorted(32, 32, 1e-3), dithered(10, 1e-3)].map(frameOf));
  t.is(outcome.status, "partial");
  // 1e-3·((u + 10)² − u²) = 0.73 pixels at u = 31.5, where the shift is that of the middle
  t.regex(outcome.status === "partial" ? outcome.caveats[0]!.message : "", /0\.7\d pixels off .* image3/);
});

test("far from the first exposure its distortion isn't continued where the plain grid fits better", (t) => {
  const { grid, outcome } = regrid(mosaic, [distorted(32, 32, 2e-4), dithered(1000, 2e-4)].map(frameOf));
  t.is(grid.keywords["A_ORDER"], undefined);
  t.is(grid.keywords["CTYPE1"], "RA---TAN");
  // 2e-4·32² = 0.2
  t.regex(outcome.status === "partial" ? outcome.caveats[0]!.message : "", /0\.2\d pixels off/);
});

test("the objects of a mosaic of distorted exposures lie in each where it shows them", (t) => {
  const star = (header: Record<string, string | number>, ra: number, dec: number) => {
    const [x, y] = skyToPixel(wcsOf(header), ra, dec);
    const at = Math.round(y) * N + Math.round(x);
    return {
      at,
      frame: planes(
        Array.from({ length: N * N }, (_, i) => (i === at ? 100 : 0)),
        { nx: N, header },
      ),
    };
  };
  const headers = [distorted(32, 32, 5e-3), distorted(34, 33, 5e-3)];
  const [ra, dec] = pixelToSky(wcsOf(headers[0]!), 60, 20);
  const shown = headers.map((header) => star(header, ra, dec));
  const { grid, image } = regrid(
    mosaic,
    shown.map(({ frame }) => frame),
    { clip: false },
  );
  const objects = Uint8Array.from(image.sci, (value) => (value > 1 ? 1 : 0));
  const header = { ...grid.keywords, S_MOSAIC: "COMPLETE" };
  shown.forEach(({ at }, k) => {
    const mask = new Uint8Array(N * N);
    addMosaicMask(mask, { nx: N, ny: N }, headers[k]!, { nx: grid.nx, ny: grid.ny, objects, header });
    t.is(mask[at], 1, `exposure ${k}`);
  });
});

test("on a mosaic that was drizzled, places are those of the sky, distortion and all", (t) => {
  const header = distorted(32, 32, 5e-3);
  const plain = wcs(32, 32);
  const [u, w] = skyToPixel(wcsOf(plain), ...pixelToSky(wcsOf(header), 60, 20));
  const [nx, ny] = [80, 64];
  const objects = new Uint8Array(nx * ny);
  objects[Math.round(w) * nx + Math.round(u)] = 1;
  const mask = new Uint8Array(N * N);
  addMosaicMask(mask, { nx: N, ny: N }, header, {
    nx,
    ny,
    objects,
    header: { ...plain, S_RESAMP: "COMPLETE" },
  });
  t.is(mask[20 * N + 60], 1);
  // 5e-3·29² = 4.2 pixels: without the distortion it would be found at column 64
  t.true(Math.abs(u - 64) < 1);
});

test("a table of offsets places frames by their names", (t) => {
  const frames = [planes([1], { header: wcs(1, 1) }), planes([2])];
  const table = columnsOfText("name dx dy\nf1 4 -2\nf0.fits 1 0", "offsets.txt");
  const refs = { offsets: { name: "offsets.txt", nx: 0, ny: 0, header: {}, table } };
  const { image, grid } = regrid(mosaic, frames, { offsets: "file" }, Infinity, "electron/s", refs);
  t.deepEqual([grid.nx, grid.ny, grid.keywords["CRPIX2"]], [4, 3, 3]);
  t.deepEqual([image.sci[3], image.sci[8]], [2, 1]);
  const json = columnsOfJson(
    '[{"name": "f0", "dx": 0, "dy": 0}, {"name": "other", "dx": 1, "dy": 0}]',
    "o.json",
  );
  t.throws(
    () =>
      regrid(mosaic, frames, { offsets: "file" }, 1, "", {
        offsets: { ...refs.offsets, name: "o.json", table: json },
      }),
    { instanceOf: InputError, message: "cannot place f1.fits by o.json — it has no offset there" },
  );
  const bare = columnsOfText("f0 0 0\nf1 4 2", "bare.txt");
  t.throws(
    () => regrid(mosaic, frames, { offsets: "file" }, 1, "", { offsets: { ...refs.offsets, table: bare } }),
    { instanceOf: InputError, message: /no columns name, dx and dy/ },
  );
});
