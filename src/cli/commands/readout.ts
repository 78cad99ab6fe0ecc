/** `iris readout`: raw ramps to count images by sampling alone, as the instrument's own readout software does. */
import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { emptyLayer, type Layer } from "../../config/layers.js";
import { UsageError } from "../../errors.js";
import type { Sampling } from "../../kernels/ramp/sampling.js";
import type { Cli } from "../cli.js";
import type { Fixed } from "../request.js";
import { addRunOptions, parseCount, rejectOption, type RunFlags } from "../run-flags.js";

interface ReadoutOptions extends RunFlags {
  mode: string;
  nreads?: number;
  unit: string;
  follow?: string;
  idle?: number;
}

/** What the product's headers say of its values. */
async function valuesOf(path: string) {
  const { keywordsOf, openFits } = await import("../../fits/index.js");
  const { sampleModes } = await import("../../steps/ramp-fit/options.js");
  const file = openFits(path);
  try {
    const { SAMPMODE: sampled } = keywordsOf(file.hdu(0)!.header);
    const { DATAMIN: min, DATAMAX: max, NOVALUE: nan, BUNIT: unit } = keywordsOf(file.hdu("SCI")!.header);
    const mode = Object.entries(sampleModes).find(([, keyword]) => keyword === sampled)?.[0];
    return {
      mode: mode ?? String(sampled),
      unit: String(unit),
      nan: Number(nan),
      min: Number(min),
      max: Number(max),
    };
  } finally {
    file.close();
  }
}

const digits = (value: number): string =>
  Number.isNaN(value) ? "none" : String(Number(value.toPrecision(7)));

/** How the product of one exposure is printed. */
async function say(cli: Cli, output: string, assumed: readonly string[]) {
  const { fromHere } = await import("../paths.js");
  const { mode, unit, ...values } = await valuesOf(output);
  const path = fromHere(output, cli.host.cwd);
  if (cli.json)
    cli.out(JSON.stringify({ v: 1, type: "values", path: output, mode, unit, assumed, ...values }));
  else
    cli.out(
      `${path}   ${mode}   min ${digits(values.min)}   max ${digits(values.max)} ${unit}` +
        (values.nan > 0 ? `   ${values.nan} pixels without a value` : ""),
    );
}

/** The name of an option that was typed, not taken for granted. */
type IsTyped = (option: keyof ReadoutOptions) => boolean;

async function readout(cli: Cli, files: string[], options: ReadoutOptions, isTyped: IsTyped): Promise<void> {
  const { mode, nreads, unit, follow, idle, ...flags } = options;
  if (nreads !== undefined && mode !== "mcds")
    throw new UsageError(`--nreads belongs to --mode mcds${isTyped("mode") ? `, not to ${mode}` : ""}`, {
      hint: `iris readout --mode mcds --nreads ${nreads}`,
    });
  if (idle !== undefined && follow === undefined)
    throw new UsageError("--idle belongs to --follow", { hint: "iris readout --help" });
  if (follow !== undefined && files.length > 0)
    throw new UsageError(`--follow takes the files of ${follow} as they come, and no others`, {
      hint: `iris readout --follow ${follow}`,
    });
  const own = (["mode", "nreads", "unit"] as const).filter(isTyped);
  const fixed = {
    ...{ command: ["readout", ...own.flatMap((name) => [`--${name}`, String(options[name])])] },
    ...{ pipeline: "stage1", from: "ramp_fit", until: "ramp_fit" },
    defaults: fitLayer("iris readout by default", { mode, unit }),
    layer: fitLayer("iris readout", Object.fromEntries(own.map((name) => [name, options[name]]))),
  };
  const run = { ...flags, skip: [], background: [], quicklook: false };
  if (follow !== undefined) {
    await followFolder(cli, follow, run, fixed, idle);
    return;
  }
  const { reduce } = await import("../run.js");
  const reduced = await reduce(cli, files, run, fixed);
  if (!reduced || cli.exit >= 130) return;
  const { existsSync } = await import("node:fs");
  for (const { output, inputs, reasons } of reduced.plan.products) {
    const assumed = inputs.flatMap(({ exposure }) => exposure.assumed);
    // Of what was made now, the run has said it.
    if (reasons.length === 0 && !cli.quiet && !cli.json)
      for (const sentence of assumed) cli.err(`! ${sentence}`);
    if (existsSync(output)) await say(cli, output, assumed);
  }
}

/** Settings of the fit. */
function fitLayer(origin: string, params: Record<string, unknown>): Layer {
  return { ...emptyLayer(origin), params: { ramp_fit: params } };
}

/** What the settings say is to be summed while reads come; null for a fit that needs all of them. */
async function samplingOf(layers: readonly Layer[]): Promise<Sampling | null> {
  const { resolveParameters } = await import("../../config/parameters.js");
  const { rampFit } = await import("../../steps/ramp_fit.js");
  const { mode, nreads } = resolveParameters(rampFit, layers);
  const isLinear = mode!.value === "utr" || mode!.value === "mcds" || mode!.value === "cds";
  return isLinear
    ? { mode: mode!.value as Sampling["mode"], nreads: Number(nreads!.value), overlap: false }
    : null;
}

/** `iris readout --follow`: each exposure's values as soon as its product is there. */
async function followFolder(
  cli: Cli,
  folder: string,
  flags: RunFlags,
  fixed: Fixed,
  idle: number | undefined,
): Promise<void> {
  const { prepareRun } = await import("../request.js");
  const { draw } = await import("../run.js");
  const { makeReporter } = await import("../render/make-reporter.js");
  const { exitStatus } = await import("../render/reporter.js");
  const { follow } = await import("../../engine/follow.js");
  const { request, jobs, mem, strict, notes } = await prepareRun(cli.host, [folder], flags, {
    ...fixed,
    live: true,
  });
  const { host, force } = request;
  const reporter = await makeReporter(cli);
  for (const note of notes) reporter.note(note);
  const sampling = await samplingOf(request.layers);
  const options = { host, force, jobs, mem, sampling, idle, folder: resolve(host.cwd, folder) };
  async function* events(signal: AbortSignal) {
    for await (const event of follow(request, { ...options, signal })) {
      yield event;
      if (event.type === "product" || event.type === "fresh") await say(cli, event.path, []);
    }
  }
  const ending = await draw(events, [reporter]);
  cli.setExit(ending.signal ?? exitStatus(ending, strict));
}

function parseSeconds(word: string): number {
  const seconds = Number(word);
  if (word.trim() === "" || !(seconds >= 0)) throw new UsageError(`"${word}" is no number of seconds`);
  return seconds;
}

export function register(cli: Cli): void {
  const command = cli.program
    .command("readout")
    .description(
      "Samples raw ramps to count images: nothing else is corrected. What the headers don't say is assumed, and said.",
    )
    .argument("[files...]", "raw ramps: FITS files, patterns, folders, @list, - for stdin")
    .addOption(
      new Option(
        "--mode <mode>",
        "slope of all reads, means of both ends, last minus first, slope by signal-to-noise, maximum likelihood",
      )
        .choices(["utr", "mcds", "cds", "ols", "likelihood"])
        .default("utr"),
    )
    .option("--nreads <n>", "reads averaged at each end, for mcds", parseCount)
    .addOption(rejectOption())
    .option("--follow <dir>", "sample reads, one file each, while they are being written into this folder")
    .option("--idle <seconds>", "with --follow: end when nothing has come for so long", parseSeconds)
    .addOption(
      new Option("--unit <unit>", "of the result; DN is per ramp")
        .choices(["DN", "DN/s", "electron/s"])
        .default("DN"),
    );
  addRunOptions(command, { picture: false })
    .addHelpText(
      "after",
      `
Examples:
  $ iris readout fixtures/iris_utr.fits --mode utr -o rates/
  $ iris readout fixtures/iris_utr.fits --mode mcds --nreads 2 --unit electron/s -o rates/
  $ iris readout fixtures/iris_utr.fits --reject 1,4-5 --reject 'time>40' -o rates/
  $ iris readout --follow raw/ --idle 2 -o rates/
`,
    )
    .action((files: string[], options: ReadoutOptions, command: Command) =>
      readout(cli, files, options, (name) => command.getOptionValueSource(name) === "cli"),
    );
}
