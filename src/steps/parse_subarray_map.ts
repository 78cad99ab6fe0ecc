/** Reads where subarrays were cut out of a full frame, and flags the holes that they left. */
import * as v from "valibot";
import { flagHoles, parseSubarrayMap, subarrayKeywords, type ParsedMap } from "../data/subarray-map.js";
import { StepError } from "../errors.js";
import { defineStep, type Extension } from "../step/define.js";
import { complete, partial, skipped } from "../step/outcome.js";

/** The rectangles of a map are the same for every band of its frame. */
const parsed = new WeakMap<Extension, ParsedMap>();

function parse(extension: Extension): ParsedMap {
  let known = parsed.get(extension);
  if (!known) parsed.set(extension, (known = parseSubarrayMap({ ...extension, map: extension.data })));
  return known;
}

export const parseSubarrayMapStep = defineStep({
  name: "parse_subarray_map",
  summary: "Read the map of the subarrays of a full frame and flag the holes that they left.",
  equation: "k = 1, 2 …: rectangle from the first to the last pixel of value k;  map ≠ 0: q' = q | OUTLIER",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_PARSSA",
  flags: ["OUTLIER"],
  extensions: { map: { name: "SUBARR_MAP", doc: "0 outside, k in the rectangle of subarray k" } },
  params: v.object({}),
  run(image, { extensions, exposure }) {
    const map = extensions?.["map"];
    if (!map) return skipped(image, "the exposure has no SUBARR_MAP");
    const { rectangles, oddities } = parse(map);
    if (rectangles.length === 0) return skipped(image, "its SUBARR_MAP names no subarray");
    const { nx, ny } = exposure.subarray;
    if (map.nx !== image.nx || map.ny * map.nx !== map.data.length || (map.nx === nx && map.ny !== ny))
      throw new StepError(
        `parse_subarray_map: on an exposure of ${exposure.detector} — SUBARR_MAP has ${String(map.nx)} × ${String(map.ny)} pixels, the frame ${String(image.nx)} × ${String(ny)}`,
        { hint: "see the HDUs: iris fits info FILE" },
      );
    flagHoles(image.dq, { map: map.data, nx: map.nx, ny: map.ny }, image.y0);
    const keywords = subarrayKeywords(rectangles);
    if (oddities.length === 0) return complete(image, keywords);
    const caveats = oddities.map((message) => ({ code: "SUBARRAY_MAP", message }));
    return partial(image, caveats, keywords);
  },
});
