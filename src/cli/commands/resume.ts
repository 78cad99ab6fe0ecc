/** `iris resume`: does what killed or interrupted runs left undone in a folder. */
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import type { Cli } from "../cli.js";
import { fromHere } from "../paths.js";
import { reduce } from "../run.js";
import { readNotes } from "../unfinished.js";

async function resume(cli: Cli, folder: string): Promise<void> {
  const out = resolve(cli.host.cwd, folder);
  const notes = readNotes(out);
  if (notes.length === 0 && !cli.quiet) cli.err(`nothing to resume in ${fromHere(out, cli.host.cwd)}`);
  for (const { path, note } of notes) {
    const host = { ...cli.host, cwd: note.cwd, env: { ...cli.host.env, ...note.env } };
    // The folder itself may have moved since; files are meant from where they were named.
    const there: Cli = Object.create(cli, { host: { value: host } }) as Cli;
    await reduce(there, note.words, { ...note.flags, out, force: false }, note.fixed);
    if (cli.exit < 130) rmSync(path, { force: true });
  }
}

export function register(cli: Cli): void {
  cli.program
    .command("resume")
    .description("Makes what interrupted or killed runs left undone; finished products stay as they are.")
    .argument("[folder]", "output folder", ".")
    .addHelpText(
      "after",
      `
Examples:
  $ iris resume reduced/
  $ iris resume reduced/ --json
`,
    )
    .action((folder: string) => resume(cli, folder));
}
