/** `iris plan`: what `iris reduce` would do, and why; nothing is written. */
import type { Cli } from "../cli.js";
import { showPlan } from "../run.js";
import { addPipelineOptions, addRunOptions, type RunFlags } from "../run-flags.js";

export function register(cli: Cli): void {
  const command = cli.program
    .command("plan")
    .description("Says what iris reduce would do with the same words, and why. -v shows parameters, too.")
    .argument("[files...]", "as for iris reduce")
    .option("--save <file>", "write the plan as JSON; iris reduce runs it, edited or not");
  addRunOptions(addPipelineOptions(command))
    .addHelpText(
      "after",
      `
Examples:
  $ iris plan fixtures/iris_utr.fits -o reduced/
  $ iris plan fixtures/iris_utr.fits -o reduced/ --json
`,
    )
    .action((files: string[], { save, ...flags }: RunFlags & { save?: string }) =>
      showPlan(cli, files, flags, { command: ["reduce"] }, save),
    );
}
