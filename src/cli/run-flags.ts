/** The options that every command which reduces has; no option has two spellings. */
import { Option, type Command } from "commander";
import { UsageError } from "../errors.js";

export interface RunFlags {
  out?: string;
  dryRun?: boolean;
  jobs?: number;
  mem?: string;
  set: string[];
  ref: string[];
  skip: string[];
  from?: string;
  until?: string;
  background: string[];
  context?: string;
  allowMissing: string[];
  reject?: string[];
  config?: string;
  pipeline?: string;
  target?: string;
  only?: string[];
  own?: string[];
  sky?: string;
  recursive?: boolean;
  force?: boolean;
  strict?: boolean;
  failFast?: boolean;
  quicklook: boolean;
  logFile?: string;
}

export const collect = (word: string, before: string[]): string[] => [...before, word];

/** A whole number ≥ 1, or the error that says so. */
export function parseCount(word: string): number {
  if (!/^[1-9]\d*$/.test(word)) throw new UsageError(`"${word}" is no number of at least 1`);
  return Number(word);
}

const list = (flags: string, description: string) =>
  new Option(flags, description).argParser(collect).default([], "none");

/** Reads of ramps that aren't used. */
export const rejectOption = (): Option =>
  list(
    "--reject <which>",
    "leave reads out: 3,7,12-15, seconds 10:25.5, or 'seeing > 0.9' on their telemetry; may be repeated",
  );

/** Options of the work itself, for whatever is run; `picture`: a PNG is drawn beside the products. */
export function addRunOptions(command: Command, { picture = true } = {}): Command {
  command
    .optionsGroup("What is done:")
    .option("--config <file>", "settings: iris.json, or a peer's .cfg or .asdf parameter file")
    .addOption(list("-s, --set <step.param=value>", "set a parameter; may be repeated"))
    .addOption(list("--ref <type=file>", "use this reference, or N/A for none; may be repeated"))
    .option("--context <name>", "calibration context, such as tmt_0001.pmap")
    .addOption(list("--allow-missing <type>", "skip a step whose reference of this type is missing"))
    .option("--force", "make again what is up to date; overwrite files that iris didn't write")
    .optionsGroup("How:")
    .option("-o, --out <dir>", "folder of the products (default: here)")
    .option("-r, --recursive", "take the files of folders below, too")
    .option("-j, --jobs <n>", "threads (default: all cores)", parseCount)
    .option("--mem <size>", "memory for pixels, such as 800M (default: 1G)");
  if (picture) command.option("--no-quicklook", "draw no PNG beside the products");
  return command
    .option("--fail-fast", "stop at the first exposure that fails")
    .option("--strict", "exit with 4 when there are caveats")
    .option("--log-file <file>", "append everything that happens to a file")
    .option("-n, --dry-run", "say what would be done, as iris plan does")
    .optionsGroup("Everywhere:");
}

/** Options that choose from a folder that is a night. */
export function addNightOptions(command: Command): Command {
  return command
    .optionsGroup("Which part of a folder:")
    .option("--target <name>", "only science of this target, and what it needs")
    .addOption(
      list(
        "--only <what>",
        "only dark, flat, bpm, sky, science or mosaic, or exposures with detector=IMG1 …",
      ),
    )
    .addOption(list("--own <calibration>", "make it of the folder's exposures even where the rules have one"))
    .option(
      "--sky <which>",
      "sky of the images: of the field itself (field), or of exposures of empty sky with objects masked (super)",
    );
}

/** Options that choose among the steps of a pipeline. */
export function addPipelineOptions(command: Command): Command {
  return command
    .optionsGroup("Which steps:")
    .option("--pipeline <name>", "pipeline (default: chosen by the headers)")
    .addOption(list("--skip <step>", "leave a step out; may be repeated"))
    .option("--from <step>", "begin with this step")
    .option("--until <step>", "end with this step, or for a folder with calibrations, images or mosaics")
    .addOption(list("--background <file>", "background exposure of every input; may be repeated"))
    .addOption(rejectOption());
}
