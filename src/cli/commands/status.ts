/** `iris status`: what stands in an output folder, and whether it is fresh. */
import { resolve } from "node:path";
import type { Cli } from "../cli.js";
import { styleFor } from "../render/style.js";
import { count, formatTable } from "../render/table.js";
import { readNotes } from "../unfinished.js";

async function showStatus(cli: Cli, folder: string): Promise<void> {
  const { status } = await import("../../engine/index.js");
  const out = resolve(cli.host.cwd, folder);
  const rows = status(out, cli.host);
  const unfinished = readNotes(out).length;
  const stale = rows.filter(({ state }) => state !== "fresh").length;
  if (cli.quiet) cli.setExit(stale + unfinished > 0 ? 1 : 0);
  else if (cli.json)
    cli.out(JSON.stringify({ v: 1, type: "status", folder: out, unfinished, products: rows }, null, 2));
  else {
    const style = styleFor(cli, "stdout");
    const table = rows.map(({ output, pipeline, time, state, why, caveats }) => [
      state === "fresh" ? style.ok : state === "stale" ? style.caution : style.fail,
      output,
      pipeline,
      `${time.slice(0, 19).replace("T", " ")} UTC`,
      why === "" ? state : `${state}: ${why}`,
      caveats > 0 ? count(caveats, "caveat") : "",
    ]);
    if (table.length > 0) cli.out(formatTable(table));
    else cli.err(`no product of iris in ${folder}`);
    if (unfinished > 0)
      cli.err(`${style.caution} ${count(unfinished, "run")} didn't finish\nhint: iris resume ${folder}`);
  }
}

export function register(cli: Cli): void {
  cli.program
    .command("status")
    .description(
      "Lists the products in a folder and whether they are what their inputs and references would give.",
    )
    .argument("[folder]", "output folder", ".")
    .addHelpText(
      "after",
      `
With -q nothing is printed, and the exit status is 1 when something is stale or unfinished.

Examples:
  $ iris status reduced/
  $ iris status reduced/ -q || iris resume reduced/
`,
    )
    .action((folder: string) => showStatus(cli, folder));
}
