/** The command line: finds the command, runs it, prints what failed and gives the exit status. */
import { CommanderError, type Command } from "commander";
import { processHost, type Host } from "../host.js";
import { makeCli, type Cli } from "./cli.js";
import { errorLines, reportOf, usageError } from "./error-lines.js";
import { shorten } from "./paths.js";
import { translatePeerOptions } from "./peer-options.js";
import { commands } from "./table.js";

const epilogue = `
Exit status:
  0  done, or up to date          3  an input can't be read or a calibration can't be resolved
  1  an exposure failed           4  with --strict: finished with caveats
  2  usage or configuration       130, 143  interrupted; the finished products are whole

Examples:
  $ iris reduce fixtures/iris_utr.fits -o reduced/
  $ iris plan fixtures/iris_utr.fits -o reduced/
`;

/** Adds every command by name and summary, and the code of those in `loaded`. */
export async function registerCommands(cli: Cli, loaded: (name: string) => boolean): Promise<void> {
  for (const [name, { summary, group, load }] of Object.entries(commands)) {
    cli.program.commandsGroup(group);
    if (loaded(name)) await (await load()).register(cli);
    else cli.program.command(name).summary(summary);
  }
  cli.program.addHelpText("after", epilogue);
}

/** The name of the innermost command that the words reach: `iris crds explain`. */
function commandPath(program: Command, words: readonly string[]): string {
  const path = [program.name()];
  let at = program;
  for (const word of words.filter((each) => !each.startsWith("-"))) {
    const next = at.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (!next) break;
    path.push(next.name());
    at = next;
  }
  return path.join(" ");
}

function printError(cli: Cli, error: unknown): number {
  const report = reportOf(error);
  if (cli.json) cli.out(JSON.stringify(report));
  cli.err(shorten(errorLines(report), cli.host.cwd));
  if (cli.verbosity > 1 && error instanceof Error && error.stack) cli.err(error.stack);
  return report.exit;
}

/** Runs one command line (without the program's name) and gives its exit status; never throws. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const words = argv[0] === "help" ? [...argv.slice(1), "--help"] : translatePeerOptions(argv);
  const cli = makeCli(host, words);
  try {
    if (words.includes("--version")) {
      const { version } = await import("../package.js");
      cli.out(words.includes("--json") ? JSON.stringify({ v: 1, iris: version }) : `iris ${version}`);
      return 0;
    }
    const name = words.find((word) => Object.hasOwn(commands, word));
    await registerCommands(cli, (each) => each === name);
    await cli.program.parseAsync(words, { from: "user" });
    return cli.exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(cli, error);
    if (error.exitCode === 0) return 0;
    // `iris` or `iris crds` alone: commander has shown the help on stderr.
    if (error.code === "commander.help") return 2;
    return printError(cli, usageError(error, commandPath(cli.program, words)));
  }
}

/** `bin/iris.js`: this process's words and streams. */
export async function start(): Promise<void> {
  // A reader such as `head` may go before we have said everything; that is no failure.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit();
      throw error;
    });
  process.exitCode = await main(process.argv.slice(2), processHost());
}
