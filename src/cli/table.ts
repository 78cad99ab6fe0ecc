/** The commands by name: a line of help now, the code when one is used. */
import type { CommandModule } from "./cli.js";

interface TableEntry {
  summary: string;
  group: string;
  load(): Promise<CommandModule>;
}

const daily = "Daily work:";
const files = "Files:";
const collections = "What there is:";

export const commands: Readonly<Record<string, TableEntry>> = {
  reduce: {
    summary: "reduce exposures: describe, find calibrations, run the pipeline",
    group: daily,
    load: () => import("./commands/reduce.js"),
  },
  plan: {
    summary: "say what reduce would do, and why; write nothing",
    group: daily,
    load: () => import("./commands/plan.js"),
  },
  readout: {
    summary: "turn raw ramps into count images: utr, mcds, cds, ols or likelihood",
    group: daily,
    load: () => import("./commands/readout.js"),
  },
  status: {
    summary: "list what stands in an output folder and whether it is fresh",
    group: daily,
    load: () => import("./commands/status.js"),
  },
  resume: {
    summary: "finish what an interrupted run left",
    group: daily,
    load: () => import("./commands/resume.js"),
  },
  prov: {
    summary: "print and verify where a product comes from",
    group: daily,
    load: () => import("./commands/prov.js"),
  },
  report: {
    summary: "make one HTML page of a run: images, calibrations, measurements, timings",
    group: daily,
    load: () => import("./commands/report.js"),
  },
  fits: {
    summary: "look into FITS files: info, header, stats",
    group: files,
    load: () => import("./commands/fits.js"),
  },
  look: {
    summary: "draw a PNG quicklook of an image",
    group: files,
    load: () => import("./commands/look.js"),
  },
  qa: {
    summary: "measure images: sources, seeing, sky, depth, bad pixels",
    group: files,
    load: () => import("./commands/qa.js"),
  },
  sim: {
    summary: "simulate raw exposures and the references for them",
    group: files,
    load: () => import("./commands/sim.js"),
  },
  step: {
    summary: "list, describe and run single steps",
    group: collections,
    load: () => import("./commands/step.js"),
  },
  pipeline: {
    summary: "list and show pipelines",
    group: collections,
    load: () => import("./commands/pipeline.js"),
  },
  crds: {
    summary: "calibration rules: which reference, and why this one",
    group: collections,
    load: () => import("./commands/crds.js"),
  },
  config: {
    summary: "show the settings that apply here and where each comes from",
    group: collections,
    load: () => import("./commands/config.js"),
  },
  doctor: {
    summary: "check this machine and the calibration cache",
    group: collections,
    load: () => import("./commands/doctor.js"),
  },
  completion: {
    summary: "print completions for bash, zsh or fish",
    group: collections,
    load: () => import("./commands/completion.js"),
  },
};
