/** Carries the world coordinates through and adds the sky region that the frame covers. */
import * as v from "valibot";
import type { Keywords, KeywordValue } from "../data/exposure.js";
import { defineStep } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";
import { footprint, formatRegion, isWcsKeyword, readWcs } from "../wcs/index.js";

export const assignWcs = defineStep({
  name: "assign_wcs",
  summary: "Carry the sky coordinates through and write the region covered.",
  equation:
    "(ξ, η) = CD·(x − CRPIX + 1, y − CRPIX + 1);  TAN or SIN about CRVAL;  S_REGION: the four corners",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_WCS",
  params: v.object({
    liger_crpix: v.pipe(
      v.optional(v.boolean(), false),
      v.description("the header counts CRPIX from 0, as liger does; the product counts from 1"),
    ),
  }),
  skip({ header }) {
    const wcs = readWcs(header);
    return "none" in wcs ? wcs.none : undefined;
  },
  run(image, { params, header, exposure }) {
    const wcs = readWcs(header);
    if ("none" in wcs) return skipped(image, wcs.none);
    const shift = params.liger_crpix ? 1 : 0;
    const crpix = [wcs.crpix[0] + shift, wcs.crpix[1] + shift] as const;
    const { nx, ny } = exposure.subarray;
    const corners = footprint({ ...wcs, crpix }, nx, ny);
    return complete(image, {
      ...wcsKeywords(header),
      CRPIX1: crpix[0],
      CRPIX2: crpix[1],
      S_REGION: formatRegion(corners),
    });
  },
});

/** All coordinate keywords of the header, and the units that FITS takes for granted. */
function wcsKeywords(header: Keywords): Record<string, KeywordValue> {
  const found = Object.entries(header).filter(([keyword]) => isWcsKeyword(keyword));
  return { WCSAXES: 2, CUNIT1: "deg", CUNIT2: "deg", RADESYS: "ICRS", ...Object.fromEntries(found) };
}
