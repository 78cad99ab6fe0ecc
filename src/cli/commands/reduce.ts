/** `iris reduce`: the main job. */
import type { Cli } from "../cli.js";
import { reduce } from "../run.js";
import { addNightOptions, addPipelineOptions, addRunOptions, type RunFlags } from "../run-flags.js";

export function register(cli: Cli): void {
  const command = cli.program
    .command("reduce")
    .description(
      "Reduces exposures: describes each, picks its pipeline, finds its calibrations, makes what is missing or out of date. The exposures of a folder serve each other: calibrations, skies and mosaics are made of them as they are needed.",
    )
    .argument(
      "[files...]",
      "FITS files, patterns, folders, @list, - for stdin; or one association or plan (.json)",
    );
  addRunOptions(addNightOptions(addPipelineOptions(command)))
    .addHelpText(
      "after",
      `
Examples:
  $ iris reduce fixtures/iris_utr.fits -o reduced/
  $ iris reduce fixtures/iris_utr.fits -o reduced/ -s ramp_fit.mode=mcds --dry-run
  $ iris reduce fixtures/ -o reduced/
  $ iris reduce fixtures/ -o reduced/ --target "SIM FIELD" --only detector=IMG1 --until images
  $ iris reduce fixtures/ -o reduced/ --only dark,flat
`,
    )
    .action(async (files: string[], flags: RunFlags) => {
      await reduce(cli, files, flags, { command: ["reduce"] });
    });
}
