/** The infrared channel of the Wide Field Camera 3 of the Hubble Space Telescope: IMA files. */
import type { Kind } from "../../data/kinds.js";
import { textOf } from "../common/keywords.js";
import { kindOf } from "../common/kind.js";
import { defineInstrument, type RawFacts } from "../define.js";
import { describe, imaLayout, isMultiaccum } from "./describe.js";

/** Switches of the observatory's pipeline → the steps here that they stand for. */
const SWITCHES: readonly [string, readonly string[]][] = [
  ["DQICORR", ["S_DQINIT", "S_SATURA"]],
  ["NLINCORR", ["S_NLCORR"]],
  ["DARKCORR", ["S_DARK"]],
  ["FLATCORR", ["S_FLAT"]],
];

export const wfc3 = defineInstrument({
  name: "WFC3",
  title: "Wide Field Camera 3, infrared channel, Hubble Space Telescope",
  // Its files come calibrated up to the slope: no rule of its CRDS belongs to a step that is left.
  observatory: null,
  recognise: (header) => textOf(header, "INSTRUME") === "WFC3" && textOf(header, "DETECTOR") === "IR",
  kind: (facts: RawFacts): Kind => (isMultiaccum(facts) ? "ramp" : kindOf(facts)),
  describe,
  layout: (facts) => (isMultiaccum(facts) ? imaLayout(facts) : null),
  done: (header) =>
    Object.fromEntries(
      SWITCHES.flatMap(([name, steps]) =>
        header[name] === "COMPLETE" ? steps.map((step) => [step, "COMPLETE"]) : [],
      ),
    ),
  tags: ({ obstype }, kind) => new Set(["WFC3", kind.toUpperCase(), obstype]),
  crdsHeader: (_, header) => ({ ...header }),
  pipelines: [{ tags: ["RAMP"], pipeline: "stage1" }],
  aliases: {},
  models: {},
});
