/** Gathers what is known of a run and writes it as a page, picture by picture. */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { InputError, OutputError } from "../../../errors.js";
import { version } from "../../../package.js";
import { readFacts, type ProductFacts, type RunFacts } from "../../../report/page/facts.js";
import { formatPage, GENERATOR } from "../../../report/page/page.js";
import { drawInput, drawProduct, type Drawn } from "../../../report/page/pictures.js";
import type { Cli } from "../../cli.js";
import { isUnmarked } from "../../marked.js";
import { fromHere } from "../../paths.js";
import { commandsOf } from "./commands.js";
import { findProducts } from "./find.js";

export interface ReportOptions {
  output: string;
  title?: string;
  size?: number;
  open?: string;
  force?: boolean;
}

export async function runReport(cli: Cli, words: readonly string[], options: ReportOptions): Promise<void> {
  const { host } = cli;
  const { paths, failures, gone } = await findProducts(words, host);
  const facts = readFacts(paths, failures, gone);
  const size = options.size ?? sizeFor(facts.products.length);
  const pieces = formatPage(facts, {
    title: options.title,
    ...commandsOf(facts, host.cwd),
    version,
    now: host.now().toISOString(),
    pictures: (product) => picturesOf(product, size),
  });
  if (options.output === "-") {
    for (const piece of pieces) host.stdout.write(piece);
    return;
  }
  const path = resolve(host.cwd, options.output);
  writePage(path, pieces, options.force ?? false);
  if (cli.json) cli.out(JSON.stringify(describe(facts, path), null, 2));
  else cli.out(fromHere(path, host.cwd));
  if (options.open !== undefined) {
    const { openIn } = await import("../look/open.js");
    await openIn(options.open, [path], host);
  }
}

/** A hundred exposures make a page of some ten megabytes. */
const sizeFor = (products: number): number => (products <= 12 ? 512 : products <= 40 ? 360 : 240);

const noPicture: Drawn = { caption: "left out by --size 0", image: null };

const picturesOf = (
  { path, record, keywords }: ProductFacts,
  size: number,
): { before: Drawn; after: Drawn } =>
  size === 0
    ? { before: noPicture, after: noPicture }
    : {
        before: firstOf(record.product.inputs.length, drawInput(record.product.inputs[0]!, size)),
        after: drawProduct(path, String(keywords["BUNIT"] ?? ""), size),
      };

const firstOf = (inputs: number, drawn: Drawn): Drawn =>
  inputs === 1 ? drawn : { ...drawn, caption: `${drawn.caption}; the first of ${String(inputs)}` };

/** Through a temporary file: a page is whole or isn't there. */
function writePage(path: string, pieces: Iterable<string>, force: boolean): void {
  if (!force && isUnmarked(path, `content="${GENERATOR} `))
    throw new OutputError(`page not written: ${path} — there is a file that iris report didn't write`, {
      hint: "choose another name with -o, or overwrite it with --force",
    });
  const temporary = `${path}.tmp-${String(process.pid)}`;
  let descriptor: number | null = null;
  try {
    descriptor = openSync(temporary, "w");
    for (const piece of pieces) writeFileSync(descriptor, piece);
    closeSync(descriptor);
    renameSync(temporary, path);
  } catch (cause) {
    if (descriptor !== null) rmSync(temporary, { force: true });
    if (cause instanceof InputError) throw cause;
    throw new OutputError(`page not written: ${path}`, {
      cause,
      hint: "choose a folder that can be written with -o",
    });
  }
}

const describe = ({ products, failures, gone }: RunFacts, output: string): object => ({
  v: 1,
  type: "report",
  output,
  products: products.map(({ path, record, entry, caveats, quality }) => ({
    path,
    pipeline: record.product.pipeline,
    fingerprint: record.fingerprint,
    made: entry?.time ?? null,
    seconds: entry?.seconds ?? null,
    caveats,
    measured: Object.fromEntries(quality.map(({ from, value }) => [from, value])),
  })),
  failures,
  gone,
});
