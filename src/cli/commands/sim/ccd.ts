/** `iris sim ccd`: the frames of a night of a CCD. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { OutputError } from "../../../errors.js";
import { chipOf, pixelsOf } from "../../../instruments/ccd/simulator/camera.js";
import { planNight } from "../../../instruments/ccd/simulator/night.js";
import { writeCamera, writeFrame } from "../../../instruments/ccd/simulator/write.js";
import type { Cli } from "../../cli.js";
import { progressLine } from "./progress.js";
import { FIELD } from "./field.js";
import { integerFlag, numberFlag, refuseExisting, sizeOf, timeFlag } from "./values.js";

export interface CcdFlags {
  size: string;
  amplifiers: string;
  overscan: string;
  filter: string;
  biases: string;
  darks: string;
  darktime: string;
  flats: string;
  exposures: string;
  exptime: string;
  step: string;
  sky: string;
  density: string;
  cosmics: string;
  seed: string;
  start: string;
  truth: boolean;
  force?: boolean;
  out: string;
}

const CAMERA = "camera_truth.fits";

export function runCcd(cli: Cli, flags: CcdFlags): void {
  const chip = chipOf(
    ...sizeOf(flags.size),
    integerFlag("amplifiers", flags.amplifiers, 1),
    integerFlag("overscan", flags.overscan),
  );
  const seed = integerFlag("seed", flags.seed);
  const frames = planNight({
    chip,
    filter: flags.filter,
    biases: integerFlag("biases", flags.biases),
    darks: integerFlag("darks", flags.darks),
    flats: integerFlag("flats", flags.flats),
    exposures: integerFlag("exposures", flags.exposures),
    darkTime: numberFlag("darktime", flags.darktime, 0.01),
    exptime: numberFlag("exptime", flags.exptime, 0.01),
    step: numberFlag("step", flags.step),
    sky: numberFlag("sky", flags.sky, 0),
    density: numberFlag("density", flags.density, 0),
    cosmics: numberFlag("cosmics", flags.cosmics, 0),
    start: timeFlag("start", flags.start),
    seed,
    ...FIELD,
  });
  const folder = resolve(cli.host.cwd, flags.out);
  const jobs = frames.map((frame) => {
    const stem = `c${String(frame.number).padStart(4, "0")}`;
    // Apart, so that the folder of the night holds what a telescope would have left there.
    const truth = flags.truth && frame.type === "SCI" ? `${stem}_truth.fits` : null;
    return { frame, name: `${stem}.fits`, truth };
  });
  const names = [
    ...jobs.flatMap(({ name, truth }) => (truth === null ? [name] : [name, join("truth", truth)])),
    ...(flags.truth ? [join("truth", CAMERA)] : []),
  ];
  const files = names.map((name) => join(folder, name));
  refuseExisting(files, flags.force ?? false);
  try {
    mkdirSync(flags.truth ? join(folder, "truth") : folder, { recursive: true });
  } catch (cause) {
    throw new OutputError(`can't make the folder: ${folder} — ${(cause as Error).message}`, { cause });
  }
  const pixels = pixelsOf(chip);
  if (flags.truth) writeCamera(chip, pixels, { path: join(folder, "truth", CAMERA), name: CAMERA, seed });
  const progress = progressLine(cli, flags.out);
  for (const [index, { frame, name, truth }] of jobs.entries()) {
    writeFrame(frame, pixels, {
      path: join(folder, name),
      name,
      truth: truth === null ? null : { path: join(folder, "truth", truth), name: truth },
    });
    progress((index + 1) / jobs.length);
  }
  cli.out(cli.json ? JSON.stringify({ v: 1, type: "sim", files }) : files.join("\n"));
  if (!cli.json && !cli.quiet) cli.err(`next: iris reduce ${flags.out} -o reduced`);
}
