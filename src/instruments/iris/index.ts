/** IRIS, the infrared imaging spectrograph of the Thirty Meter Telescope: four imager detectors and an IFS. */
import { defineInstrument } from "../define.js";
import { isCoefficientFastest } from "../common/coefficients.js";
import { textOf } from "../common/keywords.js";
import { kindOf } from "../common/kind.js";
import { isReadFastest, readFastestLayout } from "../common/read-fastest.js";
import { readOf } from "../common/single-read.js";
import { aliases } from "./aliases.js";
import { describe } from "./describe.js";
import { nightRules } from "./night.js";
import { calibrationHeader } from "./rules.js";
import { pipelineTable, tagsOf } from "./tags.js";

/** Detector identifiers of raw frames that carry no INSTRUME yet. */
const DETECTORS = new Set(["IMG1", "IMG2", "IMG3", "IMG4", "SLC", "LEN"]);

export const iris = defineInstrument({
  name: "IRIS",
  title: "Infrared Imaging Spectrograph, Thirty Meter Telescope",
  observatory: "tmt",
  recognise(header) {
    const name = textOf(header, "INSTRUME");
    if (name !== undefined) return name.toUpperCase() === "IRIS";
    return textOf(header, "TELESCOP") === "TMT" && DETECTORS.has(textOf(header, "DET_ID") ?? "");
  },
  kind: kindOf,
  describe,
  layout: (facts) => (isReadFastest(facts) ? readFastestLayout(facts) : null),
  referenceOrder: (facts) => (isCoefficientFastest(facts) ? "pixels" : "planes"),
  read: readOf,
  tags: tagsOf,
  crdsHeader: calibrationHeader,
  pipelines: pipelineTable,
  night: nightRules,
  aliases,
  models: {
    ramp: "TMTRampModel",
    rate: "IRISImageModel",
    image: "IRISImageModel",
    dark: "TMTDarkModel",
    flat: "TMTFlatModel",
  },
});
