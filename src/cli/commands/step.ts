/** `iris step`: what single steps there are, what each does, and one of them run alone. */
import type { Cli } from "../cli.js";
import { addRunOptions, collect, rejectOption, type RunFlags } from "../run-flags.js";

async function pluginsHere(cli: Cli): Promise<string[]> {
  const { loadSettings } = await import("../request.js");
  return (await loadSettings(cli.host, {})).plugins;
}

async function list(cli: Cli): Promise<void> {
  const { builtinSteps } = await import("../../step/registry.js");
  const { loadPlugin } = await import("../../step/plugin.js");
  const { formatTable } = await import("../render/table.js");
  const { describeStep, localityWords } = await import("../render/step.js");
  const plugins = await pluginsHere(cli);
  const steps = await Promise.all([
    ...Object.values(builtinSteps).map((load) => load()),
    ...plugins.map((module) => loadPlugin(module)),
  ]);
  const described = steps.map(describeStep);
  if (cli.json) cli.out(JSON.stringify({ v: 1, type: "steps", steps: described }, null, 2));
  else
    cli.out(
      formatTable(
        described.map(({ name, input, output, locality, summary }) => [
          name,
          `${input} → ${output}`,
          localityWords[locality]!,
          summary,
        ]),
        { indent: 0 },
      ),
    );
}

async function describe(cli: Cli, name: string): Promise<void> {
  const { describeStep, formatStep } = await import("../render/step.js");
  const { stepByName } = await import("../names.js");
  const step = describeStep((await stepByName(name, await pluginsHere(cli))).step);
  cli.out(cli.json ? JSON.stringify({ v: 1, type: "step", ...step }, null, 2) : formatStep(step));
}

export function register(cli: Cli): void {
  const command = cli.program.command("step").description("The single steps that pipelines are made of.");
  command
    .command("list")
    .description("Lists the steps: what each takes and gives.")
    .addHelpText("after", "\nExamples:\n  $ iris step list\n  $ iris step list --json\n")
    .action(() => list(cli));
  command
    .command("describe")
    .description("Says what a step does: references, parameters with their defaults, flags, equation.")
    .argument("<step>", "name of a step")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris step describe ramp_fit\n  $ iris step describe flat_field --json\n",
    )
    .action((name: string) => describe(cli, name));
  const run = command
    .command("run")
    .description("Runs one step alone: a pipeline of one, with the pixels that it gives in a chain.")
    .argument("<step>", "name of a step, or a module (.mjs) whose default export is one")
    .argument("[files...]", "FITS files, patterns, folders, @list, - for stdin; or one association");
  addRunOptions(run)
    .option("--background <file>", "background exposure of every input; may be repeated", collect, [])
    .addOption(rejectOption())
    .addHelpText(
      "after",
      `
Settings need no step's name here: -s mode=cds.

Examples:
  $ iris step run dq_init fixtures/iris_utr.fits -o steps/
  $ iris step run ramp_fit fixtures/iris_utr.fits -s mode=cds -o steps/
`,
    )
    .action(async (step: string, files: string[], flags: RunFlags) => {
      const { reduce } = await import("../run.js");
      await reduce(cli, files, { ...flags, skip: [] }, { command: ["step", "run", step], step });
    });
}
