/** Measures the images of `iris qa` and says what came out. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { commandLineLayer } from "../../../config/assign.js";
import { resolveParameters } from "../../../config/parameters.js";
import { besidePath, stemOf } from "../../../engine/naming.js";
import { makeFolder } from "../../../engine/outputs.js";
import { readWholeImage } from "../../../engine/whole-image.js";
import { isOurs, writeBesideFile } from "../../../engine/write-beside.js";
import { isIrisError, OutputError } from "../../../errors.js";
import { inMemory } from "../../../kernels/memory.js";
import type { Outcome } from "../../../step/outcome.js";
import { qa } from "../../../steps/qa.js";
import type { QualityReport } from "../../../steps/qa/measure.js";
import type { Cli } from "../../cli.js";
import { errorLines, reportOf } from "../../error-lines.js";
import { expandInputs } from "../../inputs.js";
import { formatColumns, short } from "../fits/files.js";

export interface QaOptions {
  out?: string;
  set: string[];
  force?: boolean;
}

interface Row {
  file: string;
  report: QualityReport;
  caveats: { code: string; message: string }[];
}

export async function runQa(cli: Cli, words: readonly string[], options: QaOptions): Promise<void> {
  const { cwd } = cli.host;
  const names = { steps: [qa.name], pipelines: [], aliases: {} };
  const layer = commandLineLayer({ set: options.set, ref: [], skip: [] }, names, cwd, qa.name);
  const settings = resolveParameters(qa, [layer]);
  const params = Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]));
  const rows: Row[] = [];
  for (const file of await expandInputs(words, cli.host, false)) {
    try {
      rows.push(measure(resolve(cwd, file), file, params as Params, options, cwd));
    } catch (error) {
      if (!isIrisError(error)) throw error;
      const report = reportOf(error);
      cli.err(errorLines(report));
      cli.setExit(report.exit);
    }
  }
  if (cli.json) {
    const images = rows.map(({ file, report, caveats }) => ({ file, ...report, caveats }));
    cli.out(JSON.stringify({ v: 1, type: "qa", images }, null, 1));
    return;
  }
  if (rows.length > 0) cli.out(tableOf(rows));
  for (const { file, caveats } of rows) for (const { message } of caveats) cli.err(`! ${file}: ${message}`);
}

type Params = Parameters<typeof qa.run>[1]["params"];

/** Everything that one image needs is forgotten with it. */
function measure(path: string, file: string, params: Params, options: QaOptions, cwd: string): Row {
  return inMemory((memory) => {
    const { image, header } = readWholeImage(path, memory);
    const { exposure } = image;
    const context = { params, refs: {}, members: {}, exposure, header, alloc: memory };
    const outcome = qa.run(image, context);
    const report = outcome.beside?.find((each) => "json" in each)?.json as unknown as QualityReport;
    if (options.out !== undefined)
      writeFiles(outcome, path, resolve(cwd, options.out), options.force ?? false);
    return { file, report, caveats: outcome.status === "partial" ? outcome.caveats : [] };
  });
}

function writeFiles(outcome: Outcome<unknown>, path: string, folder: string, force: boolean): void {
  makeFolder(folder);
  for (const file of outcome.beside ?? []) {
    const target = besidePath(join(folder, `${stemOf(path)}.fits`), file.ending);
    if (!force && existsSync(target) && !isOurs(target))
      throw new OutputError(`not written: ${target} — there is a file that iris didn't write`, {
        hint: "choose another folder with -o, or overwrite it with --force",
      });
    writeBesideFile(target, basename(path), file, outcome.keywords, null);
  }
}

const percent = (part: number): string => (part === 0 ? "0" : `${(100 * part).toPrecision(2)} %`);

function tableOf(rows: readonly Row[]): string {
  const titles = [
    ...["file", "sources", "stars", "FWHM px", "mas", "ellipticity", "sky", "rms", "5 sigma", "mag"],
    ...["S/N", "bad", "saturated"],
  ];
  const maybe = (value: number | null | undefined, digits: number): string =>
    value === null || value === undefined ? "–" : value.toFixed(digits);
  const lines = rows.map(({ file, report: r }) => [
    file,
    String(r.sources),
    String(r.seeing?.stars ?? 0),
    maybe(r.seeing?.fwhm.px, 2),
    maybe(r.seeing?.fwhm.mas, 1),
    maybe(r.seeing?.ellipticity, 3),
    r.background ? short(r.background.level) : "–",
    r.background ? short(r.background.rms) : "–",
    r.limit5 ? short(r.limit5.flux) : "–",
    maybe(r.limit5?.mag, 2),
    maybe(r.snr, 0),
    percent(r.fractions.bad),
    percent(r.fractions.saturated),
  ]);
  return formatColumns([titles, ...lines], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}
