import test from "ava";
import { windowOf } from "../../../../src/instruments/iris/simulator/detector.js";
import type { SimulatedExposure } from "../../../../src/instruments/iris/simulator/exposure.js";
import { addStars, skyOf, starsIn, tangentPixel } from "../../../../src/instruments/iris/simulator/field.js";
import type { Pointing } from "../../../../src/instruments/common/simulator/stars.js";
import { wcsCards } from "../../../../src/instruments/iris/simulator/headers.js";
import { FILTERS } from "../../../../src/instruments/iris/simulator/optics.js";
import { pixelToSky, readWcs } from "../../../../src/wcs/index.js";

const pointing: Pointing = { ra: 150.1, dec: 42, dx: 30, dy: -12.5, density: 40, seed: 3 };
const window = windowOf("IMG4", 256, 200);

test("the header's TAN keywords and the catalogue give the same sky positions", (t) => {
  const cards = wcsCards({ type: "SCI", window, pointing } as SimulatedExposure);
  const wcs = readWcs(
    Object.fromEntries(cards.map(({ keyword, value }) => [keyword, value as string | number])),
  );
  if ("none" in wcs) return t.fail(wcs.none);
  for (const [x, y] of [
    [1, 1],
    [256, 200],
    [100.5, 7],
  ] as const) {
    const sky = skyOf(window, pointing, x, y);
    const [ra, dec] = pixelToSky(wcs, x - 1, y - 1);
    // 1e-10 deg = 0.4 nanoarcseconds
    t.true(
      Math.abs(ra - sky.ra) < 1e-10 && Math.abs(dec - sky.dec) < 1e-10,
      `${ra} ${sky.ra} ${dec} ${sky.dec}`,
    );
  }
});

test("a dither moves the stars in the window and leaves them where they are on the sky", (t) => {
  const moved = { ...pointing, dx: pointing.dx + 17, dy: pointing.dy + 4 };
  const before = starsIn(window, pointing);
  const after = starsIn(window, moved);
  const star = before.find(({ x, y }) => x > 60 && x < 200 && y > 60 && y < 150)!;
  const same = after.find(({ flux }) => flux === star.flux)!;
  t.true(Math.abs(star.x - same.x - 17) < 1e-9 && Math.abs(star.y - same.y - 4) < 1e-9);
  const [x0] = tangentPixel(window, pointing);
  const [x1] = tangentPixel(window, moved);
  t.is(x0 - x1, 17);
});

test("a star's pixels add up to its flux but for the far halo", (t) => {
  const rate = new Float64Array(512 * 512);
  addStars(rate, [{ x: 256.3, y: 255.8, flux: 1e6 }], FILTERS["Kbb"]!, 512, 0, 512);
  const sum = rate.reduce((a, b) => a + b, 0);
  // Halo beyond 256 px: 0.4·(1 + r²/α²)^−1.5 with α = 27.9: 0.05 %.
  t.true(sum > 0.995e6 && sum < 1.0005e6, String(sum));
});

test("stars drawn in bands are those drawn at once", (t) => {
  const stars = starsIn(window, pointing);
  t.true(stars.length > 10);
  const whole = new Float64Array(256 * 200);
  addStars(whole, stars, FILTERS["Jbb"]!, 256, 0, 200);
  const band = new Float64Array(256 * 9);
  addStars(band, stars, FILTERS["Jbb"]!, 256, 120, 9);
  t.deepEqual(band, whole.slice(120 * 256, 129 * 256));
});
