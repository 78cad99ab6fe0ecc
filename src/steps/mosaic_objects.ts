/** Flags the objects of a mosaic: its exposures' sky is made anew without them, until there are no more. */
import * as v from "valibot";
import { maskObjects } from "../kernels/image/object-mask.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { OBJECT } from "./object-flag.js";
import { objectParams, objectPolicy } from "./object-params.js";

export const mosaicObjects = defineStep({
  name: "mosaic_objects",
  summary:
    "Flag the objects of a mosaic, and say by how much they are more than its exposures were masked for.",
  equation:
    "objects of d·√(WHT/max WHT) as in mask_objects: q' = q with NON_SCIENCE there and nowhere else;  growth = n(masked before or now)/n(masked before) − 1",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_MOSOBJ",
  flags: ["NON_SCIENCE"],
  params: v.object({
    ...objectParams,
    growth: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 0.01),
      v.description("the sky is settled (SKYDONE) where the masked pixels grow by less than this part"),
    ),
  }),
  run(image, { params, header, alloc }) {
    const { sci, dq, nx, ny, weight } = image;
    const n = nx * ny;
    // Where fewer exposures lie the noise is larger: the threshold follows it.
    const most = weight?.reduce((top, value) => (value > top ? value : top), 0) ?? 0;
    const even = alloc.f32(n);
    const bad = alloc.u8(n);
    for (let i = 0; i < n; i++) {
      const value = weight ? sci[i]! * Math.sqrt(weight[i]! / most) : sci[i]!;
      if (value - value === 0) even[i] = value;
      else bad[i] = 1;
    }
    const mask = alloc.u8(n);
    const found = maskObjects(mask, even, bad, nx, ny, objectPolicy(params));
    let [before, grown, masked] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const was = dq[i]! & OBJECT;
      if (was) before++;
      else if (mask[i] && !bad[i]) grown++;
      if (mask[i]) {
        masked++;
        dq[i]! |= OBJECT;
      } else dq[i]! &= ~OBJECT;
    }
    const growth = before > 0 ? grown / before : grown > 0 ? 1 : 0;
    const isSettled = growth < params.growth;
    const keywords = {
      NOBJECTS: found?.count ?? 0,
      NMASKED: masked,
      SKYGROW: Number(growth.toPrecision(6)),
      SKYDONE: isSettled,
    };
    const loop = header["SKYLOOP"];
    const history = [
      `sky loop ${String(loop ?? 1)}: ${before} pixels were masked, ${grown} more are (+${(100 * growth).toFixed(2)} %)`,
    ];
    return complete(image, keywords, [], history);
  },
});
