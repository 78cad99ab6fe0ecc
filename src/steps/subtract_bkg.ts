/** Subtracts a smooth map of the sky, from sky exposures or from the image itself. */
import * as v from "valibot";
import { StepError } from "../errors.js";
import { DQ } from "../data/dq.js";
import type { Image, Reference } from "../data/kinds.js";
import type { Alloc } from "../kernels/alloc.js";
import type { Planes } from "../kernels/image/combine.js";
import { addInQuadrature, flagUnknown, orFlags, subtractPlane } from "../kernels/image/planes.js";
import { combineSkies, skyMap, type SkyPolicy } from "../kernels/image/sky-map.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { skyParams, skyPolicy } from "./sky-params.js";

export const subtractBkg = defineStep({
  name: "subtract_bkg",
  summary: "Subtract a smooth map of the sky, of sky exposures or of the image itself.",
  equation:
    "B: clipped biweight location in boxes, median of 3 × 3 boxes, cubic splines;  d' = d − k·B;  e' = √(e² + (k·e_B)²);  q' = q | q_B",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_SKYSUB",
  flags: ["DO_NOT_USE"],
  members: {
    background: { doc: "exposures of the sky; without any, the image's own sky is taken", optional: true },
  },
  refs: {
    background: {
      type: "BACKGROUND",
      doc: "a map of the sky, subtracted as it is; wins over exposures",
      byName: true,
      optional: true,
    },
  },
  params: v.object({
    ...skyParams,
    scale: v.pipe(v.optional(v.number(), 1), v.description("factor k of the sky")),
  }),
  run(image, { members, refs, params, exposure, header, alloc }) {
    if (refs.background) {
      subtract(image, refs.background, params.scale);
      return complete(image);
    }
    const policy = skyPolicy(params, header, exposure);
    const skies = members.background.length > 0 ? members.background : [image];
    const maps = skies.map((sky) => mapOf(sky, image, policy, alloc));
    const scales = combineSkies(maps);
    const [sky] = maps as [Planes];
    subtract(image, sky, params.scale);
    const written = scales.length > 1 ? scales.slice(0, 99) : [];
    return complete(image, Object.fromEntries(written.map((scale, k) => [`SKYSCL${String(k + 1)}`, scale])));
  },
});

/** One map from every plane of the image; pixels of the map without a value take nothing away and aren't to be used. */
function subtract(image: Image, sky: Pick<Reference, "sci" | "err" | "dq">, k: number): void {
  const plane = image.nx * image.ny;
  for (let at = 0; at < image.nz * plane; at += plane) {
    flagUnknown(image.dq, at, sky.sci, DQ.DO_NOT_USE);
    subtractPlane(image.sci, at, sky.sci, k);
    if (sky.err) addInQuadrature(image.err, at, sky.err, k);
    if (sky.dq) orFlags(image.dq, at, sky.dq);
  }
}

function mapOf(sky: Image, image: Image, policy: SkyPolicy, alloc: Alloc): Planes {
  const { nx, ny } = image;
  const what = `subtract_bkg: on a sky of ${sky.exposure.detector}`;
  if (sky.nx !== nx || sky.ny !== ny || sky.nz !== 1 || image.nz !== 1)
    throw new StepError(
      `${what} — it holds ${[sky.nx, sky.ny, sky.nz].join(" × ")} pixels, the image ${[nx, ny, image.nz].join(" × ")}`,
      { hint: "give skies of the science's subarray: iris fits info FILE" },
    );
  const map = { sci: alloc.f32(nx * ny), err: alloc.f32(nx * ny), dq: alloc.u32(nx * ny) };
  if (!skyMap(map, sky, nx, ny, policy))
    throw new StepError(
      `${what} — no box of ${String(policy.box)} × ${String(policy.box)} pixels has 90 % good ones`,
      { hint: "take smaller boxes: iris step describe subtract_bkg" },
    );
  return map;
}
