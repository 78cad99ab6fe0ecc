/** `iris plan`: what `iris reduce` would do, and why; nothing is written. */
import type { Cli } from "../cli.js";
import { showPlan } from "../run.js";
import { addNightOptions, addPipelineOptions, addRunOptions, type RunFlags } from "../run-flags.js";

export function register(cli: Cli): void {
  const command = cli.program
    .command("plan")
    .description("Says what iris reduce would do with the same words, and why. -v shows parameters, too.")
    .argument("[files...]", "as for iris reduce")
    .option(
      "--save <file>",
      "write the plan as JSON, as -o FILE.json does; iris reduce runs it, edited or not",
    );
  addRunOptions(addNightOptions(addPipelineOptions(command)))
    .addHelpText(
      "after",
      `
Examples:
  $ iris plan fixtures/iris_utr.fits -o reduced/
  $ iris plan fixtures/iris_utr.fits -o reduced/ --json
  $ iris plan fixtures/ -o plan.json
  $ iris reduce plan.json -o reduced/
`,
    )
    .action((files: string[], { save, out, ...flags }: RunFlags & { save?: string }) => {
      // A plan goes to a file, products go to a folder: -o means either by its name.
      const isFile = save === undefined && out?.endsWith(".json");
      const folder = out === undefined || isFile ? {} : { out };
      return showPlan(cli, files, { ...flags, ...folder }, { command: ["reduce"] }, isFile ? out : save);
    });
}
