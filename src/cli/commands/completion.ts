/** `iris completion`: scripts that complete commands, options, steps and pipelines. */
import type { Command } from "commander";
import { Argument } from "commander";
import type { Cli } from "../cli.js";

export const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

export function register(cli: Cli): void {
  cli.program
    .command("completion")
    .description("Prints a script that completes commands, options, steps and pipelines.")
    .addArgument(new Argument("<shell>").choices(shells))
    .addHelpText(
      "after",
      `
Examples:
  $ iris completion bash > ~/.local/share/bash-completion/completions/iris
  $ iris completion fish > ~/.config/fish/completions/iris.fish
`,
    )
    .action(async (shell: Shell) => {
      const { makeCli } = await import("../cli.js");
      const { registerCommands } = await import("../main.js");
      const { knownNames } = await import("../names.js");
      const { completionScript } = await import("./completion/script.js");
      const all = makeCli(cli.host);
      await registerCommands(all, () => true);
      cli.out(completionScript(shell, wordsOf(all.program), await knownNames()));
    });
}

/** The words that may follow each command path, "" being the program itself. */
export function wordsOf(program: Command): Map<string, { commands: string[]; options: string[] }> {
  const found = new Map<string, { commands: string[]; options: string[] }>();
  const global = program.options.flatMap(({ long }) => long ?? []);
  const visit = (command: Command, path: string) => {
    found.set(path, {
      commands: command.commands.map((each) => each.name()),
      options: [...new Set([...command.options.flatMap(({ long }) => long ?? []), ...global, "--help"])],
    });
    for (const each of command.commands) visit(each, `${path} ${each.name()}`.trim());
  };
  visit(program, "");
  return found;
}
