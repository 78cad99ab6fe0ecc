/** Checks on where products go, before anything is computed. */
import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { OutputError, UsageError } from "../errors.js";
import { filesOf } from "./fingerprint.js";
import type { PlannedProduct } from "./plan-types.js";

/** The folder exists or can be made, and can be written. */
export function checkFolder(out: string): void {
  let folder = resolve(out);
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new OutputError(`cannot write to ${out} — it is a file`, { hint: "name a folder with -o" });
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) throw new OutputError(`${folder} is a file`);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new OutputError(`cannot write to ${out} — ${(cause as Error).message}`, {
      cause,
      hint: "name another folder with -o",
    });
  }
}

/**
 * Makes a folder and those above it, one by one: Node's own recursive way never ends where the system answers that
 * there is no such place (as in /proc).
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (cause) {
    if (existsSync(folder)) return;
    throw new OutputError(`cannot make the folder ${folder} — ${(cause as Error).message}`, {
      cause,
      hint: "name another folder with -o",
    });
  }
}

/**
 * Two products may not share a name, and none may stand where an input is. `made`: inputs that are products of the
 * same plan.
 */
export function checkOutputs(products: readonly PlannedProduct[], made: ReadonlySet<string>): void {
  const makers = new Map<string, string>();
  const inputs = new Map(
    products
      .flatMap(filesOf)
      .filter((path) => !made.has(path))
      .map((path) => [realpathSync(path), path]),
  );
  for (const product of products) {
    const source = product.inputs[0]!.path;
    const other = makers.get(product.output);
    if (other !== undefined)
      throw new UsageError(`${other} and ${source} would both write ${product.output}`, {
        hint: "reduce them into two folders with -o",
      });
    makers.set(product.output, source);
    const over = [product.output, ...(product.beside ?? [])].find(
      (path) => existsSync(path) && inputs.has(realpathSync(path)),
    );
    if (over !== undefined)
      throw new UsageError(
        `the product of ${source} would overwrite the input ${inputs.get(realpathSync(over))}`,
        {
          hint: "write to another folder with -o",
        },
      );
  }
}
