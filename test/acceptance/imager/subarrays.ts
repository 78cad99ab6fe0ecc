/** Families of the frames with several subarrays. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  flagHoles,
  mergeSubarray,
  parseSubarrayMap,
  type SubarrayMap,
} from "../../../src/data/subarray-map.js";
import { compare, firstOf, readPlanes, type Case, type Planes } from "./case.js";
import type { Check } from "./spine.js";
import { dataOf } from "./statistics.js";

const exact = { rtol: 0, atol: 0 };

const mapOf = (c: Case, name: unknown, { nx, ny }: Planes): SubarrayMap => ({
  map: Uint16Array.from(dataOf(c, name, "SUBARR_MAP") as ArrayLike<number>),
  nx,
  ny,
});

const parseMap: Check = (c) => {
  const image = readPlanes(c, c.inputs["image"]);
  const map = mapOf(c, c.inputs["image"], image);
  const { rectangles } = parseSubarrayMap(map);
  const ours = rectangles.map(({ x0, y0, nx, ny }) => ({
    xstart: x0 + 1,
    ystart: y0 + 1,
    xsize: nx,
    ysize: ny,
  }));
  const wanted = c.expected["subarray_map"] as typeof ours;
  // Without any subarray nothing is done.
  if (rectangles.length > 0) flagHoles(image.dq, map);
  return firstOf(
    JSON.stringify(ours) === JSON.stringify(wanted) ? undefined : `subarrays ${JSON.stringify(ours)}`,
    compare("DQ", image.dq, dataOf(c, c.expected["dq"], "DQ"), exact),
  );
};

const merge: Check = (c) => {
  const text = readFileSync(join(c.folder, String(c.inputs["association"])), "utf8");
  const { products } = JSON.parse(text) as { products: { members: { expname: string }[] }[] };
  const members = products[0]!.members.map(({ expname }) => ({ expname, planes: readPlanes(c, expname) }));
  const full = members.find(({ planes }) => planes.header["SUBARRID"] === 0);
  if (!full) return "no member with SUBARRID = 0";
  const map = mapOf(c, full.expname, full.planes);
  for (const { planes } of members)
    if (planes !== full.planes) mergeSubarray(full.planes, map, Number(planes.header["SUBARRID"]), planes);
  const expected = readPlanes(c, c.expected["result"]);
  return firstOf(
    compare("SCI", full.planes.sci, expected.sci, exact),
    compare("ERR", full.planes.err, expected.err, exact),
    compare("DQ", full.planes.dq, expected.dq, exact),
  );
};

export const subarrayFamilies: Readonly<Record<string, Check>> = {
  parse_subarray_map: parseMap,
  merge_subarrays: merge,
};
