/** Files whose header names no instrument: ramps and images in the keywords that observatories share. */
import { describeBy } from "../common/descriptors.js";
import { textOf } from "../common/keywords.js";
import { kindOf } from "../common/kind.js";
import { isReadFastest, readFastestLayout } from "../common/read-fastest.js";
import { readOf } from "../common/single-read.js";
import { defineInstrument } from "../define.js";

/** Stands last in the list: whatever names an instrument is somebody's. There are no rules to look anything up by. */
export const generic = defineInstrument({
  name: "GENERIC",
  title: "Any detector, described by its header's common keywords alone",
  observatory: null,
  recognise: (header) => textOf(header, "INSTRUME") === undefined,
  kind: kindOf,
  describe: (facts) =>
    describeBy(
      {
        instrument: "GENERIC",
        telescope: "",
        mode: (header) => (textOf(header, "INSTMODE") ?? "IMG").toUpperCase(),
        calibrated: false,
      },
      facts,
    ),
  layout: (facts) => (isReadFastest(facts) ? readFastestLayout(facts) : null),
  read: readOf,
  tags: ({ obstype }, kind) => new Set(["GENERIC", kind.toUpperCase(), obstype]),
  crdsHeader: (_, header) => ({ ...header }),
  pipelines: [{ tags: ["RAMP"], pipeline: "stage1" }],
  aliases: {},
  models: {},
});
