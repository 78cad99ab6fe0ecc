/** Liger, the imager and integral-field spectrograph of Keck: ramps with the reads on the fastest axis. */
import { describeBy } from "../common/descriptors.js";
import { textOf } from "../common/keywords.js";
import { kindOf } from "../common/kind.js";
import { isReadFastest, readFastestLayout } from "../common/read-fastest.js";
import { readOf } from "../common/single-read.js";
import { defineInstrument } from "../define.js";

export const liger = defineInstrument({
  name: "Liger",
  title: "Liger, Keck Observatory",
  observatory: "ligeriri",
  recognise: (header) => textOf(header, "INSTRUME")?.toUpperCase() === "LIGER",
  kind: kindOf,
  describe: (facts) =>
    describeBy(
      {
        instrument: "Liger",
        telescope: "Keck-I",
        mode: (header) => (textOf(header, "INSTMODE", "IFSMODE") ?? "IMG").toUpperCase(),
        coadds: true,
        calibrated: true,
      },
      facts,
    ),
  layout: (facts) => (isReadFastest(facts) ? readFastestLayout(facts) : null),
  // COEFFS (y, x, coefficient), with or without errors beside it
  referenceOrder: ({ hdus }) => (hdus.some(({ name }) => name === "COEFFS") ? "pixels" : "planes"),
  read: readOf,
  tags: ({ obstype, mode }, kind) =>
    new Set(["LIGER", kind.toUpperCase(), obstype, mode === "IMG" ? "IMAGER" : "IFS"]),
  crdsHeader: (_, header) => ({ ...header }),
  pipelines: [{ tags: ["RAMP"], pipeline: "stage1" }],
  aliases: {},
  models: { ramp: "RampModel", rate: "ImagerModel", image: "ImagerModel" },
});
