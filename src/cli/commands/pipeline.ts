/** `iris pipeline`: which chains of steps there are, and what is in one. */
import type { Pipeline } from "../../step/pipeline.js";
import type { Cli } from "../cli.js";

async function list(cli: Cli): Promise<void> {
  const { pipelines } = await import("../../step/registry.js");
  const { formatTable } = await import("../render/table.js");
  const all = await Promise.all(Object.values(pipelines).map((load) => load()));
  if (cli.json)
    cli.out(JSON.stringify({ v: 1, type: "pipelines", pipelines: all.map(describePipeline) }, null, 2));
  else
    cli.out(
      formatTable(
        all.map(({ name, input, output, suffix, summary }) => [
          name,
          `${input} → ${output}`,
          `_${suffix}`,
          summary,
        ]),
        { indent: 0 },
      ),
    );
}

/** A pipeline as plain data. */
const describePipeline = ({ name, summary, input, output, suffix, level, entries }: Pipeline) => ({
  name,
  summary,
  input,
  output,
  suffix,
  level,
  steps: entries.map(({ step, params, off, when }) => ({
    name: step.name,
    summary: step.summary,
    params: params ?? {},
    off: off ?? null,
    when: when?.says ?? null,
  })),
});

async function show(cli: Cli, word: string): Promise<void> {
  const { pipelines } = await import("../../step/registry.js");
  const { knownNames, requirePipeline } = await import("../names.js");
  const { formatTable } = await import("../render/table.js");
  const name = requirePipeline(word, await knownNames());
  const pipeline = describePipeline(await pipelines[name]!());
  if (cli.json) {
    cli.out(JSON.stringify({ v: 1, type: "pipeline", ...pipeline }, null, 2));
    return;
  }
  const rows = pipeline.steps.map(({ name: step, summary, params, off, when }) => [
    step,
    summary,
    Object.entries(params)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join(" "),
    [off === null ? "" : `off: ${off}`, when === null ? "" : `when ${when}`].filter(Boolean).join("; "),
  ]);
  cli.out(
    `${pipeline.name}   ${pipeline.summary}   ${pipeline.input} → ${pipeline.output}, *_${pipeline.suffix}.fits\n${formatTable(rows)}`,
  );
}

export function register(cli: Cli): void {
  const command = cli.program
    .command("pipeline")
    .description("The chains of steps that iris reduce chooses from.");
  command
    .command("list")
    .description("Lists the pipelines: what each takes and gives, and the ending of its products.")
    .addHelpText("after", "\nExamples:\n  $ iris pipeline list\n  $ iris pipeline list --json\n")
    .action(() => list(cli));
  command
    .command("show")
    .description("Shows the steps of a pipeline in order.")
    .argument("<pipeline>", "name of a pipeline, ours or a peer's")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris pipeline show imager\n  $ iris pipeline show stage1 --json\n",
    )
    .action((name: string) => show(cli, name));
}
