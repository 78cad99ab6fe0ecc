/** Families of the frames with several subarrays. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSubarrayMap, subarrayKeywords, type SubarrayMap } from "../../../src/data/subarray-map.js";
import { mergeSubarrays } from "../../../src/steps/merge_subarrays.js";
import { parseSubarrayMapStep } from "../../../src/steps/parse_subarray_map.js";
import { regrid } from "../../helpers/regrid.js";
import { compare, firstOf, readPlanes, type Case, type Planes } from "./case.js";
import type { Check } from "./spine.js";
import { dataOf } from "./statistics.js";
import { imageOf, runStep } from "./steps.js";

const exact = { rtol: 0, atol: 0 };

const mapOf = (c: Case, name: unknown, { nx, ny }: Planes): SubarrayMap => ({
  map: Uint16Array.from(dataOf(c, name, "SUBARR_MAP") as ArrayLike<number>),
  nx,
  ny,
});

const parseMap: Check = (c) => {
  const planes = readPlanes(c, c.inputs["image"]);
  const { map, nx, ny } = mapOf(c, c.inputs["image"], planes);
  const { image, keywords } = runStep(parseSubarrayMapStep, imageOf(planes), {
    extensions: { map: { nx, ny, data: map } },
  });
  const wanted = c.expected["subarray_map"] as Record<"xstart" | "ystart" | "xsize" | "ysize", number>[];
  const ours = Array.from({ length: 10 }, (_, k) =>
    ["X1", "Y1", "NX", "NY"].map((word) => keywords[`SUBA${String(k + 1)}${word}`]),
  ).filter(([x]) => x !== undefined);
  const theirs = wanted.map(({ xstart, ystart, xsize, ysize }) => [xstart, ystart, xsize, ysize]);
  return firstOf(
    JSON.stringify(ours) === JSON.stringify(theirs) ? undefined : `subarrays ${JSON.stringify(ours)}`,
    compare("DQ", image.dq, dataOf(c, c.expected["dq"], "DQ"), exact),
  );
};

const merge: Check = (c) => {
  const text = readFileSync(join(c.folder, String(c.inputs["association"])), "utf8");
  const { products } = JSON.parse(text) as { products: { members: { expname: string }[] }[] };
  const members = products[0]!.members.map(({ expname }) => {
    const planes = readPlanes(c, expname);
    if (planes.header["SUBARRID"] !== 0) return planes;
    // What parse_subarray_map writes into the full frame's header.
    const { rectangles } = parseSubarrayMap(mapOf(c, expname, planes));
    return { ...planes, header: { ...planes.header, ...subarrayKeywords(rectangles) } };
  });
  const { image } = regrid(mergeSubarrays, members, {}, 16);
  const expected = readPlanes(c, c.expected["result"]);
  return firstOf(
    compare("SCI", image.sci, expected.sci, exact),
    compare("ERR", image.err, expected.err, exact),
    compare("DQ", image.dq, expected.dq, exact),
  );
};

export const subarrayFamilies: Readonly<Record<string, Check>> = {
  parse_subarray_map: parseMap,
  merge_subarrays: merge,
};
