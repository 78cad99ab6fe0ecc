/** Divides an image by the flat field. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { applyFlat } from "../kernels/image/flat.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const flatField = defineStep({
  name: "flat_field",
  summary: "Divide by the flat field; leave and flag pixels that have none.",
  equation:
    "d' = d/F;  e' = √(e² + (d·e_F/F)²)/F;  VAR' = VAR/F²;  q' = q | q_F. F NaN, 0 or NO_FLAT_FIELD: F = 1, e_F = 0, flagged",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_FLAT",
  flags: ["NO_FLAT_FIELD", "DO_NOT_USE"],
  refs: { flat: { type: "FLAT", doc: "flat field, normalised to 1" } },
  params: v.object({
    inverse: v.pipe(
      v.optional(v.boolean(), false),
      v.description("multiply by the flat, to undo the correction"),
    ),
    variant: v.pipe(
      v.optional(v.picklist(["iris", "liger", "jwst"]), "liger"),
      v.description(
        "how errors go through: iris e/F; liger √(e²+(d·e_F/F)²)/F; jwst √(VAR_POISSON+VAR_RNOISE+VAR_FLAT), and DO_NOT_USE pixels of the flat left uncorrected",
      ),
    ),
  }),
  skip({ refs: { flat }, axes }) {
    if (!flat) return "no FLAT reference applies";
    if (flat.nx < axes[0]! || flat.ny < axes[1]!)
      return `${flat.name} is smaller than the science data: ${String(flat.nx)} × ${String(flat.ny)}, not ${String(axes[0])} × ${String(axes[1])}`;
    return undefined;
  },
  run(image, { refs: { flat }, params: { inverse, variant }, alloc }) {
    const plane = image.nx * image.ny;
    const flatErr = flat.err ?? alloc.f32(plane);
    const flatDq = flat.dq ?? alloc.u32(plane);
    const jwst = variant === "jwst";
    const policy = {
      variant,
      inverse,
      badBits: jwst ? DQ.NO_FLAT_FIELD | DQ.DO_NOT_USE : DQ.NO_FLAT_FIELD,
      resetBits: jwst ? DQ.NO_FLAT_FIELD | DQ.DO_NOT_USE : DQ.NO_FLAT_FIELD,
    };
    for (let at = 0; at < image.nz * plane; at += plane)
      applyFlat(image, at, flat.sci, flatErr, flatDq, policy);
    return complete(image);
  },
});
