import test from "ava";
import fc from "fast-check";
import { footprint, pixelToSky, readWcs, skyToPixel, type Wcs } from "../../src/wcs/index.js";

const header = {
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRPIX1: 513,
  CRPIX2: 257,
  CRVAL1: 250.4,
  CRVAL2: 36.5,
  CDELT1: -1e-4,
  CDELT2: 1e-4,
};

function wcsOf(extra: Record<string, string | number> = {}): Wcs {
  const wcs = readWcs({ ...header, ...extra });
  if ("none" in wcs) throw new Error(wcs.none);
  return wcs;
}

const near = (a: readonly number[], b: readonly number[], tolerance: number): boolean =>
  a.every((value, i) => Math.abs(value - b[i]!) < tolerance);

test("the reference pixel, counted from 1, lies at CRVAL", (t) => {
  t.true(near(pixelToSky(wcsOf(), 512, 256), [250.4, 36.5], 1e-12));
});

test("one step north is CDELT2 in declination: tan δ' = R", (t) => {
  const [, dec] = pixelToSky(wcsOf({ CRVAL2: 0 }), 512, 256 + 100);
  t.true(near([dec], [(Math.atan((100 * 1e-4 * Math.PI) / 180) * 180) / Math.PI], 1e-12));
});

test("SIN: sin δ' = R", (t) => {
  const wcs = wcsOf({ CTYPE1: "RA---SIN", CRVAL2: 0, CDELT2: 0.1 });
  const [, dec] = pixelToSky(wcs, 512, 256 + 100);
  t.true(near([dec], [(Math.asin((10 * Math.PI) / 180) * 180) / Math.PI], 1e-12));
});

const sip = {
  CTYPE1: "RA---TAN-SIP",
  A_ORDER: 2,
  A_2_0: 2e-5,
  A_1_1: -1e-5,
  B_ORDER: 3,
  B_0_2: 1e-5,
  B_2_1: 3e-9,
};
const systems: [string, Record<string, string | number>][] = [
  ["TAN", {}],
  ["SIN", { CTYPE1: "RA---SIN" }],
  ["CD turned by 30°", { CD1_1: -8.66e-5, CD1_2: 5e-5, CD2_1: 5e-5, CD2_2: 8.66e-5 }],
  ["near the pole", { CRVAL2: 89.99 }],
  ["LONPOLE 150", { LONPOLE: 150 }],
  ["SIP", sip],
];
for (const [name, extra] of systems)
  test(`${name}: pixel → sky → pixel = id`, (t) => {
    const wcs = wcsOf(extra);
    const pixel = fc.double({ min: -100, max: 1100, noNaN: true });
    fc.assert(
      fc.property(pixel, pixel, (x, y) => {
        const [ra, dec] = pixelToSky(wcs, x, y);
        t.true(near(skyToPixel(wcs, ra, dec), [x, y], 1e-6));
      }),
    );
  });

test("CROTA2, PC and CD say the same", (t) => {
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const at = (extra: Record<string, number>): readonly number[] => pixelToSky(wcsOf(extra), 10, 900);
  const crota = at({ CROTA2: 30 });
  t.true(near(at({ PC1_1: c, PC1_2: s, PC2_1: -s, PC2_2: c }), crota, 1e-12));
  t.true(near(at({ CD1_1: -1e-4 * c, CD1_2: -1e-4 * s, CD2_1: -1e-4 * s, CD2_2: 1e-4 * c }), crota, 1e-12));
});

test("a position behind the sky's horizon has no pixel", (t) => {
  t.deepEqual(skyToPixel(wcsOf(), 250.4 - 180, -36.5), [NaN, NaN]);
});

test("the footprint goes through the outer corners of the corner pixels", (t) => {
  const wcs = wcsOf();
  const corners = footprint(wcs, 1024, 512).map(([ra, dec]) => skyToPixel(wcs, ra, dec));
  const expected = [
    [-0.5, -0.5],
    [1023.5, -0.5],
    [1023.5, 511.5],
    [-0.5, 511.5],
  ];
  t.true(corners.every((corner, i) => near(corner, expected[i]!, 1e-6)));
});

test("a header without coordinates says what is missing", (t) => {
  t.deepEqual(readWcs({ CRVAL1: 1, CRVAL2: 2 }), { none: "the header has no CRPIX1, CRPIX2" });
  t.true("none" in readWcs({ ...header, CTYPE1: "GLON-CAR" }));
  t.true("none" in readWcs({ ...header, CDELT1: 0 }));
});
