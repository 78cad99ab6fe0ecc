/** What every command gets: the machine, the program to add itself to, and the two streams. */
import { Command, Option } from "commander";
import type { Host } from "../host.js";

export interface Cli {
  host: Host;
  program: Command;
  /** The command line, as far as it is known: a command may register only the sub-command that it names. */
  readonly words: readonly string[];
  /** Data: writes one text to stdout and ends it with a newline. */
  out(text: string): void;
  /** Talk: the same to stderr. */
  err(text: string): void;
  /** `--json`: stdout carries one document, or JSON lines for runs. */
  readonly json: boolean;
  /** `-q`: nothing but data and errors. */
  readonly quiet: boolean;
  /** Number of `-v`; from 2 on, errors show their stack. */
  readonly verbosity: number;
  readonly color: "auto" | "always" | "never";
  /** The exit status of this run; the highest one given wins. */
  setExit(code: number): void;
  readonly exit: number;
}

/** A command file adds one command, with its sub-commands, to `cli.program`. */
export interface CommandModule {
  register(cli: Cli): void | Promise<void>;
}

interface GlobalOptions {
  json?: boolean;
  quiet?: boolean;
  verbose?: number;
  color?: Cli["color"];
}

const line = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);

/** The program with the options that every command has, and nothing else yet. */
export function makeCli(host: Host, words: readonly string[] = []): Cli {
  const program = new Command("iris");
  let exit = 0;
  const given = () => program.opts<GlobalOptions>();
  program
    .description("Astronomical data reduction: raw detector reads to science-ready products.")
    .helpOption("-h, --help", "show this, or the help of a command")
    .helpCommand(false)
    .option("--json", "print JSON: one document, or one line per event of a run")
    .option("-q, --quiet", "print nothing but data and errors")
    .option("-v, --verbose", "say more; twice: stacks of errors", (_: unknown, n: number) => n + 1, 0)
    .addOption(
      new Option("--color <when>", "colour and progress bars")
        .choices(["auto", "always", "never"])
        .default("auto"),
    )
    .option("--version", "print the version")
    .configureHelp({ showGlobalOptions: true, helpWidth: host.stdout.columns ?? 100 })
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      // Errors are printed once, by main; the help of an incomplete command goes to stderr as it is.
      writeErr: (text) => host.stderr.write(text),
      outputError: () => undefined,
    })
    .exitOverride();
  return {
    host,
    program,
    words,
    out: (text) => void host.stdout.write(line(text)),
    err: (text) => void host.stderr.write(line(text)),
    get json() {
      return given().json ?? false;
    },
    get quiet() {
      return given().quiet ?? false;
    },
    get verbosity() {
      return given().verbose ?? 0;
    },
    get color() {
      return given().color ?? "auto";
    },
    setExit: (code) => {
      exit = Math.max(exit, code);
    },
    get exit() {
      return exit;
    },
  };
}
