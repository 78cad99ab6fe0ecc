import test from "ava";
import { windowOf } from "../../../../src/instruments/iris/simulator/detector.js";
import { exposureName } from "../../../../src/instruments/iris/simulator/headers.js";
import { ditherPattern } from "../../../../src/instruments/common/simulator/dithers.js";
import { associationOf, planNight } from "../../../../src/instruments/iris/simulator/night.js";

const night = planNight({
  windows: ["IMG1", "IMG2"].map((name) => windowOf(name, 64, 64)),
  filter: "Jbb",
  reads: 4,
  tframe: 5,
  darks: 2,
  flats: 1,
  skies: 1,
  dithers: 4,
  step: 0.1,
  seed: 3,
  start: Date.UTC(2026, 9, 1, 5),
  ra: 10,
  dec: -5,
  density: 20,
  cosmics: 5,
  lamp: 100,
});

test("four dithers are the corners of a square round the field's centre", (t) => {
  t.deepEqual(ditherPattern(4), [
    [-0.5, -0.5],
    [0.5, -0.5],
    [-0.5, 0.5],
    [0.5, 0.5],
  ]);
  t.deepEqual(ditherPattern(1), [[0, 0]]);
});

test("detectors expose together: 2 × (2 darks + 1 flat + 4 dithers + 1 sky), 32 s apart", (t) => {
  t.is(night.length, 16);
  t.is(new Set(night.map(({ seed }) => seed)).size, 16);
  const [first, second, third] = night;
  t.is(first!.start, second!.start);
  t.is(third!.start - first!.start, 32_000);
  t.deepEqual(
    [...new Set(night.filter(({ type }) => type === "DARK").map(({ filter }) => filter))],
    ["OPAQUE"],
  );
});

test("names are the observatory's, and none is given twice", (t) => {
  const names = night.map((exposure) => exposureName(exposure, 0));
  t.is(names[0], "2026B-P001-001_IRIS_IMG1_DARK_LVL0_0001-01.fits");
  t.is(new Set(names).size, names.length);
});

test("each dither of each detector is a product with that detector's sky as background", (t) => {
  const { products } = associationOf(night) as {
    products: { members: { expname: string; exptype: string }[] }[];
  };
  t.is(products.length, 8);
  for (const { members } of products) {
    t.deepEqual(
      members.map(({ exptype }) => exptype),
      ["science", "background"],
    );
    const [science, sky] = members.map(({ expname }) => /IMG\d/.exec(expname)?.[0]);
    t.is(science, sky);
  }
});
