/** `iris config show`: the settings that hold here, and who says so. */
import type { Layer } from "../../config/layers.js";
import { projectDocs, projectKeys } from "../../config/project-file.js";
import type { Cli } from "../cli.js";
import { formatTable } from "../render/table.js";
import { fromHere } from "../paths.js";
import { loadSettings } from "../request.js";

/** The settings of a layer as `step.parameter`, `step.skip` and `override_<type>`. */
function flatten({ params, skip, refs }: Layer): [string, unknown][] {
  return [
    ...Object.entries(params).flatMap(([step, values]) =>
      Object.entries(values).map(([name, value]): [string, unknown] => [`${step}.${name}`, value]),
    ),
    ...Object.entries(skip).map(([step, off]): [string, unknown] => [`${step}.skip`, off]),
    ...Object.entries(refs).map(([type, file]): [string, unknown] => [
      `reference ${type.toLowerCase()}`,
      file,
    ]),
  ];
}

async function show(cli: Cli, { origin, config }: { origin?: boolean; config?: string }): Promise<void> {
  const { settings } = await loadSettings(cli.host, {}, config);
  const found = new Map<string, { value: unknown; origin: string }>();
  for (const key of projectKeys) if (settings.values[key]) found.set(key, settings.values[key]);
  for (const layer of settings.layers)
    for (const [name, value] of flatten(layer)) found.set(name, { value, origin: layer.origin });
  if (cli.json) {
    cli.out(JSON.stringify({ v: 1, type: "config", settings: Object.fromEntries(found) }, null, 2));
    return;
  }
  const rows = [...found].map(([name, setting]) => [
    name,
    typeof setting.value === "string" ? setting.value : JSON.stringify(setting.value),
    ...(origin
      ? [setting.origin.includes("/") ? fromHere(setting.origin, cli.host.cwd) : setting.origin]
      : []),
    ...(cli.verbosity > 0 ? [projectDocs[name] ?? ""] : []),
  ]);
  cli.out(formatTable(rows, { indent: 0 }));
}

export function register(cli: Cli): void {
  const command = cli.program.command("config").description("The settings that apply in this folder.");
  command
    .command("show")
    .description(
      "Lists the settings that hold here: flags > environment > iris.json here or above > your own > defaults.",
    )
    .option("--origin", "say where each value comes from")
    .option("--config <file>", "as for iris reduce")
    .addHelpText(
      "after",
      `
Examples:
  $ iris config show
  $ iris config show --origin
`,
    )
    .action((options: { origin?: boolean; config?: string }) => show(cli, options));
}
