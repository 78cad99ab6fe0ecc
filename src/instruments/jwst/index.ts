/** The near-infrared instruments of the James Webb Space Telescope: uncal and ramp files, and what is made of them. */
import type { Kind } from "../../data/kinds.js";
import { borderOf } from "../common/border.js";
import { describeBy } from "../common/descriptors.js";
import { textOf } from "../common/keywords.js";
import { kindOf } from "../common/kind.js";
import { defineInstrument, type RawFacts } from "../define.js";

/** MIRI has the same files. */
const INSTRUMENTS = new Set(["NIRCAM", "NIRSPEC", "NIRISS", "FGS", "MIRI"]);

/** Pixels along a side of the HAWAII-2RG detectors, and how many of them at each end see no light. */
const SIDE = 2048;
const BORDER = 4;

/** Slopes of single integrations, [integration][y][x], have three axes as ramps of one integration have. */
function jwstKind(facts: RawFacts): Kind {
  const axes = facts.hdus[facts.science]?.axes;
  if (axes?.length === 3 && textOf(facts.header, "S_RAMP") === "COMPLETE")
    return textOf(facts.header, "S_FLAT") === "COMPLETE" ? "image" : "rate";
  return kindOf(facts);
}

/** Status keywords of the pipeline there → the ones of the same steps here. */
const STATUS: Readonly<Record<string, string>> = {
  S_GRPSCL: "S_GRPSCL",
  S_DQINIT: "S_DQINIT",
  S_SATURA: "S_SATURA",
  S_IPC: "S_IPC",
  S_SUPERB: "S_SUPERB",
  S_REFPIX: "S_REFPIX",
  S_LINEAR: "S_NLCORR",
  S_DARK: "S_DARK",
  S_CHGMIG: "S_CHGMIG",
  S_JUMP: "S_JUMP",
  S_CLNFNS: "S_CLNFNS",
  S_RAMP: "S_RAMPFI",
  S_GANSCL: "S_GANSCL",
  S_FLAT: "S_FLAT",
  S_BKDSUB: "S_BKDSUB",
  S_WCS: "S_WCS",
};

export const jwst = defineInstrument({
  name: "JWST",
  title: "NIRCam, NIRSpec, NIRISS and FGS of the James Webb Space Telescope",
  observatory: "jwst",
  recognise: (header) => INSTRUMENTS.has(textOf(header, "INSTRUME")?.toUpperCase() ?? ""),
  kind: jwstKind,
  describe(facts) {
    const exposure = describeBy(
      {
        instrument: "JWST",
        telescope: "JWST",
        mode: (header) => (textOf(header, "EXP_TYPE") ?? "").toUpperCase(),
        calibrated: true,
      },
      facts,
    );
    // Three axes are integrations here, not reads.
    if (jwstKind(facts) !== "ramp") return { ...exposure, readout: null };
    // MIRI's reference pixels are read otherwise.
    const isHawaii = textOf(facts.header, "INSTRUME")?.toUpperCase() !== "MIRI";
    return isHawaii ? { ...exposure, border: borderOf(exposure.subarray, SIDE, BORDER) } : exposure;
  },
  done: (header) =>
    Object.fromEntries(
      Object.entries(STATUS).flatMap(([theirs, ours]) =>
        header[theirs] === "COMPLETE" ? [[ours, "COMPLETE"]] : [],
      ),
    ),
  tags: ({ obstype, subarray }, kind) =>
    new Set(["JWST", kind.toUpperCase(), obstype, ...(subarray.name === "FULL" ? [] : ["SUBARRAY"])]),
  // The rules' own dictionary knows every keyword.
  crdsHeader: (_, header) => ({ ...header }),
  reftypes: { NONLINCOEFF: "LINEARITY" },
  pipelines: [{ tags: ["RAMP"], pipeline: "stage1" }],
  aliases: {},
  models: { ramp: "RampModel", rate: "ImageModel", image: "ImageModel" },
});
