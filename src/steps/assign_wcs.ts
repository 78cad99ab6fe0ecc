/** Carries the world coordinates through, attaches the camera's distortion and adds the sky region that the frame covers. */
import * as v from "valibot";
import type { Keywords, KeywordValue } from "../data/exposure.js";
import { defineStep } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";
import { footprint, formatRegion, isWcsKeyword, moveSip, readWcs, sipAxes } from "../wcs/index.js";

export const assignWcs = defineStep({
  name: "assign_wcs",
  summary: "Carry the sky coordinates through, attach the distortion, write the region covered.",
  equation:
    "(ξ, η) = CD·(x − CRPIX + 1, y − CRPIX + 1);  TAN or SIN about CRVAL;  S_REGION: the four corners",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_WCS",
  keepsPlanes: true,
  refs: {
    distortion: {
      type: "DISTORTION",
      doc: "SIP polynomials of the camera, attached to the coordinates",
      optional: true,
      whole: true,
    },
  },
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
  run(image, { params, refs, header: own, exposure }) {
    const plain = readWcs(own);
    if ("none" in plain) return skipped(image, plain.none);
    const shift = params.liger_crpix ? 1 : 0;
    const crpix = [plain.crpix[0] + shift, plain.crpix[1] + shift] as const;
    const counted = { ...own, CRPIX1: crpix[0], CRPIX2: crpix[1] };
    const sip = refs.distortion ? sipOf(refs.distortion.header, counted) : {};
    const header = { ...counted, ...sip };
    const wcs = readWcs(header);
    if ("none" in wcs) return skipped(image, wcs.none);
    const { nx, ny } = exposure.subarray;
    const corners = footprint(wcs, nx, ny);
    return complete(image, {
      ...wcsKeywords(header),
      S_REGION: formatRegion(corners),
      ...(Object.keys(sip).length > 0 ? { S_DISTOR: "COMPLETE" } : {}),
    });
  },
});

/** The polynomials of a distortion reference about the header's own reference pixel, and axes named for them. */
function sipOf(reference: Keywords, header: Keywords): Record<string, KeywordValue> {
  const number = (of: Keywords, keyword: string, fallback: number): number => {
    const value = of[keyword];
    return typeof value === "number" ? value : fallback;
  };
  // Both reference pixels on the detector, where subarrays begin at SUBSTRT.
  const [dx, dy] = ([1, 2] as const).map((axis) => {
    const place = (of: Keywords): number =>
      number(of, `CRPIX${String(axis)}`, 0) + number(of, `SUBSTRT${String(axis)}`, 1);
    return place(header) - place(reference);
  });
  const sip = moveSip(reference, dx!, dy!);
  if (Object.keys(sip).length === 0) return {};
  return { ...sip, ...sipAxes(header) };
}

/** All coordinate keywords of the header, and the units that FITS takes for granted. */
function wcsKeywords(header: Keywords): Record<string, KeywordValue> {
  const found = Object.entries(header).filter(([keyword]) => isWcsKeyword(keyword));
  return { WCSAXES: 2, CUNIT1: "deg", CUNIT2: "deg", RADESYS: "ICRS", ...Object.fromEntries(found) };
}
