/** `iris prov`: where a product comes from, whether that is still there, and the product made again. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { availableParallelism } from "node:os";
import { InputError, UsageError } from "../../errors.js";
import type { CheckedFile, ProvenanceRecord } from "../../engine/index.js";
import type { Cli } from "../cli.js";
import { makeReporter } from "../render/make-reporter.js";
import { styleFor } from "../render/style.js";
import { formatTable } from "../render/table.js";
import { draw } from "../run.js";
import { fromHere } from "../paths.js";

interface ProvOptions {
  verify?: boolean;
  rerun?: string;
}

const short = (hash: string | null): string => hash?.slice(0, 12) ?? "none";

function formatRecord(record: ProvenanceRecord, cwd: string): string {
  const { product } = record;
  const steps = [...(product.inputs[0]?.steps ?? []), ...product.steps];
  const set = (params: (typeof steps)[number]["params"]) =>
    Object.entries(params)
      .filter(([, { origin }]) => origin !== "default")
      .map(([name, { value }]) => `${name}=${JSON.stringify(value)}`)
      .join(" ");
  const rows = [
    ["iris", record.iris],
    ["pipeline", product.pipeline],
    ["context", record.context ?? "none"],
    ["identity", record.fingerprint],
    ...Object.entries(record.hashes).map(([path, hash]) => ["input", fromHere(path, cwd), short(hash)]),
    ...steps.map(({ name, skip, params }) => [
      "step",
      name,
      skip === null ? set(params) : `not run: ${skip}`,
    ]),
    ...steps
      .filter(({ skip }) => skip === null)
      .flatMap(({ refs }) => refs)
      .map(({ type, path, sha256, why }) => [
        "reference",
        `${type} ${path === null ? "none" : basename(path)}`,
        path === null ? why : short(sha256),
      ]),
    ["command", record.command],
  ];
  return formatTable(rows, { indent: 0 });
}

function showChecks(cli: Cli, checks: readonly CheckedFile[]): void {
  const style = styleFor(cli, "stdout");
  const rows = checks.map(({ role, path, recorded, found, ok }) => [
    ok ? style.ok : style.fail,
    role,
    fromHere(path, cli.host.cwd),
    ok
      ? short(recorded)
      : `recorded ${short(recorded)}, ${found === null ? "the file is gone" : `found ${short(found)}`}`,
  ]);
  cli.out(formatTable(rows, { indent: 0 }));
}

async function rerunInto(
  cli: Cli,
  product: string,
  record: ProvenanceRecord,
  folder: string,
): Promise<boolean> {
  const { rerun, differingData } = await import("../../engine/index.js");
  const again = join(folder, basename(record.product.output));
  if (resolve(again) === resolve(product))
    throw new UsageError("the product would be made again over itself", {
      hint: "name another folder: --rerun again/",
    });
  const options = { host: cli.host, jobs: availableParallelism(), mem: 2 ** 30, force: true };
  const ending = await draw(
    (signal) => rerun(record, folder, { ...options, signal }),
    [await makeReporter(cli)],
  );
  if (ending.signal !== null || ending.failed > 0) {
    cli.setExit(ending.signal ?? 1);
    return false;
  }
  const differing = differingData(product, again);
  if (!cli.json)
    cli.out(
      differing.length === 0
        ? `${styleFor(cli, "stdout").ok} ${fromHere(again, cli.host.cwd)} has the same data`
        : `${styleFor(cli, "stdout").fail} ${fromHere(again, cli.host.cwd)} differs in ${differing.join(", ")}`,
    );
  return differing.length === 0;
}

async function showProvenance(cli: Cli, file: string, { verify, rerun }: ProvOptions): Promise<void> {
  const { readProvenance, verifyProvenance } = await import("../../engine/index.js");
  const path = resolve(cli.host.cwd, file);
  if (!existsSync(path)) throw new InputError(`cannot read ${file} — no such file`);
  const record = readProvenance(path);
  const checks = verify || rerun !== undefined ? verifyProvenance(record, cli.host) : null;
  if (cli.json && rerun === undefined)
    cli.out(JSON.stringify({ v: 1, type: "provenance", path, record, ...(checks && { checks }) }, null, 2));
  else if (!cli.quiet && !cli.json) {
    if (checks === null) cli.out(formatRecord(record, cli.host.cwd));
    else showChecks(cli, checks);
  }
  if (checks?.some(({ ok }) => !ok)) cli.setExit(1);
  else if (rerun !== undefined && !(await rerunInto(cli, path, record, resolve(cli.host.cwd, rerun))))
    cli.setExit(1);
}

export function register(cli: Cli): void {
  cli.program
    .command("prov")
    .description(
      "Prints where a product comes from: inputs, steps, parameters, references, and the command that repeats it.",
    )
    .argument("<file>", "a product of iris")
    .option("--verify", "compare every input and reference with its hash; exit 1 when one differs")
    .option("--rerun <dir>", "verify, make the product again in this folder and compare the data")
    .addHelpText(
      "after",
      `
Examples:
  $ iris prov reduced/iris_utr_cal.fits
  $ iris prov reduced/iris_utr_cal.fits --verify
`,
    )
    .action((file: string, options: ProvOptions) => showProvenance(cli, file, options));
}
