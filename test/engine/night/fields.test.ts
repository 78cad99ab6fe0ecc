import test from "ava";
import { fieldsOf, jointName } from "../../../src/engine/night/fields.js";
import type { NightFile, NightJob } from "../../../src/engine/night/types.js";
import type { Exposure } from "../../../src/data/exposure.js";
import { file, rules } from "./helpers.js";

const image = (name: string, tag: "CAM" | "SLIT", more: Partial<Exposure> = {}): NightJob => ({
  stage: "images",
  title: name,
  pipeline: "image",
  inputs: [{ ...file(name, "SCI", 0, more), tags: new Set([tag]) }],
  members: {},
  refs: {},
  without: {},
  picture: true,
  because: [],
  caveats: [],
});
const join = (...images: NightJob[]) =>
  fieldsOf(images, rules.joint).map(({ rule, files }) => [
    rule.title,
    files.map(({ path }) => path).join(""),
  ]);

test("on the sky windows, times and detectors may differ; pixel by pixel nothing may", (t) => {
  const window = { name: "CUSTOM", x: 5, y: 1, nx: 8, ny: 8 };
  for (const more of [{ exptime: 60 }, { subarray: window }, { detector: "B" }]) {
    t.deepEqual(join(image("a", "CAM"), image("b", "CAM", more)), [["mosaic", "ab"]]);
    t.deepEqual(join(image("a", "SLIT"), image("b", "SLIT", more), image("c", "SLIT")), [["combined", "ac"]]);
  }
});

test("images of no rule, of another type, and one alone stay as they are", (t) => {
  t.deepEqual(join(image("a", "CAM"), image("b", "SLIT")), []);
  t.deepEqual(join(image("a", "CAM"), image("b", "CAM", { obstype: "ARC" })), []);
  t.deepEqual(join(image("a", "CAM"), image("b", "CAM", { object: "M 2" })), []);
});

test("names: by target and filter; pixel by pixel by all that is common", (t) => {
  const [sky, pixels] = rules.joint;
  const { exposure } = image("a", "CAM").inputs[0] as NightFile;
  t.is(jointName(sky!, exposure), "CAM_M_1_R");
  t.is(jointName(pixels!, exposure), "CAM_A_M_1_R_30_s");
  t.is(jointName(sky!, { ...exposure, object: "" }), "CAM_1_R");
});
