/** Families of the calibrations made here: bad-pixel map. */
import { openFits } from "../../../src/fits/index.js";
import { join } from "node:path";
import type { DQ } from "../../../src/data/dq.js";
import { createBpm } from "../../../src/pipelines/create_bpm.js";
import { compare, firstOf, readPlanes, type Case, type Planes } from "./case.js";
import type { Check } from "./spine.js";
import { dataOf } from "./statistics.js";
import { runPipeline } from "./steps.js";

const exact = { rtol: 0, atol: 0 };

/** Darks D0, D1 … of one file. */
function readDarks(c: Case, name: unknown, like: Planes): Planes[] {
  const file = openFits(join(c.folder, String(name)));
  const names = file.hdus.map((hdu) => hdu.name).filter((hdu) => /^D\d+$/.test(hdu));
  file.close();
  return names.map((hdu) => ({
    ...like,
    sci: Float32Array.from(dataOf(c, name, hdu) as ArrayLike<number>),
    err: new Float32Array(like.sci.length),
    dq: new Uint32Array(like.sci.length),
  }));
}

const badpixMap: Check = (c) => {
  const flat = readPlanes(c, c.inputs["flat"]);
  const p = c.params as Record<string, number>;
  const { image, keywords } = runPipeline(createBpm, readDarks(c, c.inputs["darks"], flat), {
    refs: { flat },
    params: {
      find_bad_pixels: {
        hot_sigma: p["hot_sigma"],
        noise_sigma: p["noise_sigma"],
        dead_frac: p["dead_frac"],
        flat_low: p["flat_low"],
        // The case's rule has no cold pixels and no reference pixels.
        cold_sigma: null,
        border: 0,
      },
    },
  });
  const counts = c.expected["counts"] as Record<keyof typeof DQ, number>;
  const words = {
    DO_NOT_USE: "NBADPIX",
    DEAD: "NDEAD",
    HOT: "NHOT",
    LOW_QE: "NLOWQE",
    NO_FLAT_FIELD: "NNOFLAT",
    UNRELIABLE_DARK: "NUNSTABL",
  };
  return firstOf(
    compare("DQ", image.dq, dataOf(c, c.expected["map"], "DQ"), exact),
    ...Object.entries(words).map(([flag, keyword]) =>
      compare(keyword, [Number(keywords[keyword])], [counts[flag as keyof typeof DQ]], exact),
    ),
  );
};

export const calibrationFamilies: Readonly<Record<string, Check>> = { badpix_map: badpixMap };
