/** The commands on a page: what makes its products again, what checks them, what explains a choice of the rules. */
import { dirname } from "node:path";
import { bundledCache } from "../../../package.js";
import type { ProductFacts, RunFacts } from "../../../report/page/facts.js";
import { calibrationsOf } from "../../../report/page/findings.js";
import type { PageOptions } from "../../../report/page/page.js";
import { fromHere } from "../../paths.js";
import { joinWords, quoteWord } from "../../shell-words.js";

/** As they are to be typed in `cwd`. */
export function commandsOf(
  { products }: RunFacts,
  cwd: string,
): Pick<PageOptions, "commands" | "checks" | "measure" | "explain"> {
  const folders = new Set(products.map(({ path }) => quoteWord(fromHere(dirname(path), cwd))));
  const [first] = products;
  const product = first && quoteWord(fromHere(first.path, cwd));
  const chosen = calibrationsOf(products).find(({ from, path }) => from === "crds" && path !== null);
  return {
    explain: chosen ? explainOf(products[chosen.users[0]!]!, chosen.type, cwd) : null,
    commands: repeatsOf(products, cwd),
    measure: measuresOf(products, cwd),
    checks: [
      ...[...folders].map((folder) => `iris status ${folder}`),
      ...(product === undefined
        ? []
        : [`iris prov ${product} --verify`, `iris prov ${product} --rerun again/`]),
    ],
  };
}

/** `iris qa` of the science images that nobody has measured, folder by folder: what it writes must lie beside them. */
function measuresOf(products: readonly ProductFacts[], cwd: string): string[] {
  const folders = new Map<string, string[]>();
  for (const { path, record, exposure, quality } of products) {
    const isScience = record.product.kind !== "ramp" && exposure.obstype === "SCI";
    if (!isScience || quality.some(({ from }) => from.startsWith("QA"))) continue;
    const folder = fromHere(dirname(path), cwd);
    folders.set(folder, [...(folders.get(folder) ?? []), fromHere(path, cwd)]);
  }
  return [...folders].map(([folder, files]) => joinWords(["iris", "qa", ...files, "-o", folder]));
}

function explainOf({ record, entry }: ProductFacts, type: string, cwd: string): string {
  const words = ["iris", "crds", "explain", fromHere(record.product.inputs[0]!.path, cwd)];
  const context = record.context === null ? [] : ["--context", record.context];
  return withCache(joinWords([...words, "--type", type.toLowerCase(), ...context]), entry?.cache, cwd);
}

/**
 * The commands of the runs, in the order in which these were, with what the record of a product leaves out, because it
 * doesn't change the product: the folder, the rules where they weren't named, the cache, and where the words are meant from.
 */
function repeatsOf(products: readonly ProductFacts[], cwd: string): string[] {
  const timeOf = ({ entry }: ProductFacts): string => entry?.time ?? "";
  const made = [...products].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0));
  const runs = new Map<string, ProductFacts[]>();
  for (const each of made) {
    const key = [each.record.command, dirname(each.path), each.entry?.cwd, each.entry?.cache].join("\n");
    runs.set(key, [...(runs.get(key) ?? []), each]);
  }
  return [...new Set([...runs.values()].map((run) => repeatOf(run, cwd)))];
}

function repeatOf(run: readonly ProductFacts[], cwd: string): string {
  const [{ path, record, entry }] = run as [ProductFacts];
  const from = entry?.cwd ?? cwd;
  const contexts = [...new Set(run.flatMap((each) => each.record.context ?? []))];
  const isNamed = / --context /.test(record.command);
  const command = [
    record.command,
    // The rules of several observatories can't be named at once: then those that are newest serve again.
    ...(isNamed || contexts.length !== 1 ? [] : ["--context", quoteWord(contexts[0]!)]),
    ...["-o", quoteWord(fromHere(dirname(path), from))],
  ].join(" ");
  const whole = withCache(command, entry?.cache, from);
  return from === cwd ? whole : `cd ${quoteWord(from)} && ${whole}`;
}

const withCache = (command: string, cache: string | null | undefined, from: string): string =>
  cache && cache !== bundledCache ? `CRDS_PATH=${quoteWord(fromHere(cache, from))} ${command}` : command;
