/** Whether a flat exposure is one of a lamp or of the sky, by what its header calls it or the user says. */
import * as v from "valibot";
import type { Exposure } from "../data/exposure.js";

export const skyFlatParam = v.pipe(
  v.optional(v.picklist(["auto", "yes", "no"]), "auto"),
  v.description(
    "is it an exposure of the sky; auto: everything is but darks and flats not called sky or twilight",
  ),
);

const SKY_WORDS = /sky|twi|dusk|dawn/i;
const LAMP_WORDS = /flat|lamp|dark|bias/i;

/** A dome, lamp or internal flat has no stars, and its light is steady. */
export function isLampFlat({
  exposure: { obstype, object },
  params,
}: {
  exposure: Exposure;
  params: { sky: "auto" | "yes" | "no" };
}): boolean {
  if (params.sky !== "auto") return params.sky === "no";
  return LAMP_WORDS.test(obstype) && !SKY_WORDS.test(`${obstype} ${object}`);
}
