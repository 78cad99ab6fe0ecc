/** Raw reads up the ramp to a count rate. */
import { definePipeline } from "../step/pipeline.js";
import { chargeMigration } from "../steps/charge_migration.js";
import { cleanFlickerNoise } from "../steps/clean_flicker_noise.js";
import { dark } from "../steps/dark.js";
import { dqInit } from "../steps/dq_init.js";
import { gainScale } from "../steps/gain_scale.js";
import { groupScale } from "../steps/group_scale.js";
import { ipc } from "../steps/ipc.js";
import { jump } from "../steps/jump.js";
import { linearity } from "../steps/linearity.js";
import { persistence } from "../steps/persistence.js";
import { rampFit } from "../steps/ramp_fit.js";
import { refpix } from "../steps/refpix.js";
import { saturation } from "../steps/saturation.js";
import { superbias } from "../steps/superbias.js";

export const stage1 = definePipeline({
  name: "stage1",
  summary: "Raw reads to a count rate: flags, saturation, bias, reference pixels, linearity, hits, ramp fit.",
  suffix: "rate",
  level: 1,
  steps: [
    groupScale,
    dqInit,
    saturation,
    { step: ipc, off: "deconvolution makes noise that is no longer independent from pixel to pixel" },
    superbias,
    refpix,
    linearity,
    { step: dark, off: "the dark is subtracted from the rate, by dark_sub" },
    { step: chargeMigration, off: "it is for undersampled detectors whose bright pixels spill" },
    jump,
    { step: cleanFlickerNoise, off: "it takes extended sources for noise" },
    { step: persistence, off: "how long persistence lasts isn't known: persistence_time" },
    rampFit,
    gainScale,
  ],
});
