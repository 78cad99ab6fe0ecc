/** Frames of any CCD that says in IRAF's, NOAO's or its amateur astronomers' keywords how it was read. */
import type { Keywords } from "../../data/exposure.js";
import type { Kind } from "../../data/kinds.js";
import { InputError } from "../../errors.js";
import { readWcs } from "../../wcs/index.js";
import { defineInstrument, type RawFacts } from "../define.js";
import { numberOf } from "../common/keywords.js";
import { describe } from "./describe.js";
import { esoAmplifiers, hasEsoOutputs } from "./eso.js";
import { assemblyOf } from "./extensions.js";
import { frameTypeWords } from "./frame-type.js";
import { isHubble } from "./hst.js";
import { nightRules } from "./night.js";
import { processedBy } from "./processed.js";

const SECTIONS = ["BIASSEC", "TRIMSEC", "CCDSEC", "AMPLIST", "AMPSROW"];
const HABITS = ["EGAIN", "RDNOISE", "GTGAIN11", "CCD-TEMP", "CCDSUM", "XBINNING", "CCDNAME"];
/** Marks of detectors that are read up the ramp. */
const RAMPS = ["NGROUPS", "NREADS", "READ_NO", "NUMREADS", "SAMP_SEQ"];

const has = (header: Keywords, keywords: readonly string[]): boolean =>
  keywords.some((keyword) => header[keyword] !== undefined);

/** A section of the chip, a type of frame beside what only CCDs have, or outputs that fill the frame. */
const recognise = (header: Keywords): boolean =>
  !has(header, RAMPS) &&
  (has(header, SECTIONS) ||
    (frameTypeWords(header) !== undefined && has(header, HABITS)) ||
    isHubble(header) ||
    isEso(header));

function isEso(header: Keywords): boolean {
  if (!hasEsoOutputs(header)) return false;
  if (header["S_TRIM"] === "COMPLETE") return true;
  const [nx, ny] = [numberOf(header, "NAXIS1"), numberOf(header, "NAXIS2")];
  return nx !== undefined && ny !== undefined && esoAmplifiers({ header, nx, ny }) !== null;
}

function kind({ path, hdus, science }: RawFacts): Kind {
  const axes = hdus[science]?.axes ?? [];
  if (axes.length === 2) return "image";
  throw new InputError(
    `unexpected axes: on ${path} — a CCD frame has NAXIS = 2, this is ${axes.join(" × ") || "no image"}`,
    { hint: `iris fits info ${path}` },
  );
}

/** Stands before GENERIC: what no other instrument calls its own. */
export const ccd = defineInstrument({
  name: "CCD",
  title: "Any CCD, described by the sections and frame types of its header",
  observatory: null,
  recognise,
  kind,
  describe,
  assembly: assemblyOf,
  done: (header, { hdus }) => ({
    ...processedBy(header),
    // Errors that come with the data have all noise in them.
    ...(hdus.some(({ name }) => name === "UNCERT") ? { S_CCDINI: "COMPLETE", S_PHOTON: "COMPLETE" } : {}),
  }),
  tags: ({ obstype, mode }, kind, header) =>
    new Set(["CCD", kind.toUpperCase(), obstype, mode, ...("none" in readWcs(header) ? [] : ["WCS"])]),
  crdsHeader: (_, header) => ({ ...header }),
  pipelines: [
    { tags: ["BIAS"], pipeline: "create_bias" },
    { tags: ["DARK"], pipeline: "ccd_dark" },
    { tags: ["FLAT"], pipeline: "ccd_flat" },
    { tags: ["SCI"], pipeline: "ccd" },
    { tags: ["SKY"], pipeline: "ccd" },
    { tags: ["ARC"], pipeline: "ccd" },
  ],
  night: nightRules,
  aliases: { create_dark: "ccd_dark", create_flatfield: "ccd_flat" },
  models: {},
});
