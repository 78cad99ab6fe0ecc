/** Checks on where products go, before anything is computed. */
import { accessSync, constants, existsSync, mkdirSync, realpathSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { formatBytes } from "../config/bytes.js";
import { OutputError, UsageError } from "../errors.js";
import type { OutputGrid } from "../step/regrid.js";
import { filesOf } from "./fingerprint.js";
import type { PlannedProduct } from "./plan-types.js";

/** The folder, or the nearest above it that exists. */
function existing(folder: string): string {
  let at = resolve(folder);
  while (!existsSync(at)) at = dirname(at);
  return at;
}

/** The folder exists or can be made, and can be written. */
export function checkFolder(out: string): void {
  const folder = existing(out);
  if (folder === resolve(out) && !statSync(folder).isDirectory())
    throw new OutputError(`cannot write to ${out} — it is a file`, { hint: "name a folder with -o" });
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

/** SCI, ERR, DQ and WHT, four bytes each. */
const BYTES_WRITTEN = 16;

/** There is room for a product on a grid of its own, whose size any word may make absurd. @throws OutputError */
export function checkSpace({ nx, ny }: Pick<OutputGrid, "nx" | "ny">, output: string): void {
  const { bavail, bsize } = statfsSync(existing(dirname(output)));
  const there = statSync(output, { throwIfNoEntry: false })?.size ?? 0;
  const bytes = nx * ny * BYTES_WRITTEN;
  if (bytes <= bavail * bsize + there) return;
  throw new OutputError(
    `cannot write ${output} — ${nx} × ${ny} pixels take ${formatBytes(bytes)}, and ${formatBytes(bavail * bsize)} are free`,
    { hint: "name another disk with -o, or make larger pixels: -s resample.pixel_scale_ratio=2" },
  );
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
