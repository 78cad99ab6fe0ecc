/** `iris reduce`: the main job. */
import type { Cli } from "../cli.js";
import { reduce } from "../run.js";
import { addPipelineOptions, addRunOptions, type RunFlags } from "../run-flags.js";

export function register(cli: Cli): void {
  const command = cli.program
    .command("reduce")
    .description(
      "Reduces exposures: describes each, picks its pipeline, finds its calibrations, makes what is missing or out of date.",
    )
    .argument(
      "[files...]",
      "FITS files, patterns, folders, @list, - for stdin; or one association or plan (.json)",
    );
  addRunOptions(addPipelineOptions(command))
    .addHelpText(
      "after",
      `
Examples:
  $ iris reduce fixtures/iris_utr.fits -o reduced/
  $ iris reduce fixtures/iris_utr.fits -o reduced/ -s ramp_fit.mode=mcds --dry-run
`,
    )
    .action(async (files: string[], flags: RunFlags) => {
      await reduce(cli, files, flags, { command: ["reduce"] });
    });
}
