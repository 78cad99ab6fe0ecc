/** How a CCD's frames of a night serve each other: bias before dark before flat before the science. */
import type { NightRules } from "../define.js";

/** Chips that are binned or clocked otherwise have another bias, and other pixels. */
const chip = ["detector", "readmode"] as const;

export const nightRules: NightRules = {
  calibrations: [
    { name: "bias", reftype: "BIAS", of: "BIAS", pipeline: "create_bias", same: chip, alike: [] },
    { name: "dark", reftype: "DARK", of: "DARK", pipeline: "ccd_dark", same: chip, alike: ["exptime"] },
    {
      name: "flat",
      reftype: "FLAT",
      of: "FLAT",
      pipeline: "ccd_flat",
      same: [...chip, "filter"],
      // The slit: its own irregularities are in the flat, the pixels' are the same through any.
      alike: ["pupil"],
    },
  ],
  members: [],
  joint: [
    { title: "mosaic", of: ["SCI"], tags: ["IMG", "WCS"], same: ["filter", "pupil"], pipeline: "image3" },
    {
      title: "combined",
      of: ["SCI"],
      tags: ["SPEC"],
      // On a slit nothing moves but what is guided: pixel by pixel.
      same: [...chip, "filter", "pupil", "exptime"],
      pixels: true,
      pipeline: "ccd_stack",
    },
  ],
};
