/** How the exposures of a night serve each other: darks, flats and a bad-pixel map of its own, skies, mosaics. */
import type { NightRules } from "../define.js";

export const nightRules: NightRules = {
  calibrations: [
    {
      name: "dark",
      reftype: "DARK",
      of: "DARK",
      pipeline: "create_dark",
      same: ["detector"],
      alike: ["exptime", "readmode"],
    },
    {
      name: "flat",
      reftype: "FLAT",
      of: "FLAT",
      pipeline: "create_flatfield",
      same: ["detector", "filter", "pupil"],
      alike: [],
    },
    {
      name: "bpm",
      reftype: "MASK",
      of: "DARK",
      atLeast: 3,
      optional: true,
      pipeline: "create_bpm",
      same: ["detector"],
      alike: ["exptime", "readmode"],
      // Insensitive pixels are so in every filter.
      uses: { FLAT: ["detector"] },
    },
  ],
  members: [
    {
      role: "background",
      of: "SKY",
      most: 5,
      same: ["detector", "filter", "pupil"],
      alike: ["exptime", "readmode"],
    },
  ],
  joint: [{ title: "mosaic", of: ["SCI"], tags: ["IMAGER"], same: ["filter", "pupil"], pipeline: "image3" }],
  sky: {
    of: ["SCI"],
    tags: ["IMAGER"],
    same: ["filter", "pupil"],
    pipeline: "imager_sky",
    role: "background",
  },
};
