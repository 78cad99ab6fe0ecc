/** Is a product that stands there the one that the plan would make, and if not, why not? */
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { OutputError } from "../errors.js";
import { filesOf, fingerprint, identity, reasonsBetween, type Fingerprint } from "./fingerprint.js";
import { contentHash, type HashMemory } from "./hashes.js";
import { openFile } from "./inputs.js";
import { readLedger } from "./ledger.js";
import type { PlannedProduct } from "./plan-types.js";
import { readStamp } from "./stamp.js";
import { isOurs } from "./write-beside.js";

/**
 * Fresh, stale and why: the fingerprint in the product against the one that the plan would give. `upstream`: something
 * that it is made of will be made before it.
 */
export function judge(product: PlannedProduct, memory: HashMemory, force: boolean, upstream = false): void {
  if (upstream) {
    product.fingerprint = null;
    product.reasons = existsSync(product.output)
      ? [ownStamp(product.output, force) ? "upstream" : "forced"]
      : ["missing"];
    return;
  }
  const files = filesOf(product);
  const hashes = files.map((path) => memory.get(path, "content"));
  const known = hashes.every((hash) => hash !== undefined);
  if (known) product.fingerprint = identity(fingerprint(product, hashes));
  refuseForeign(product.beside ?? [], force);
  if (!existsSync(product.output)) {
    product.reasons = ["missing"];
    return;
  }
  const stamp = ownStamp(product.output, force);
  if (!stamp || force) {
    product.reasons = ["forced"];
    return;
  }
  const wanted: Fingerprint = fingerprint(
    product,
    hashes.map((hash) => hash ?? ""),
  );
  product.reasons = reasonsBetween(stamp, known ? wanted : { ...wanted, inputs: stamp.inputs });
  if (product.reasons.length === 0 && !known) {
    const read = files.map((path, i) => hashes[i] ?? hashNow(path, memory));
    const print = fingerprint(product, read);
    product.fingerprint = identity(print);
    product.reasons = reasonsBetween(stamp, print);
  }
  if (product.reasons.length > 0) product.detail = differences(product);
  else if ([product.quicklook, ...(product.beside ?? [])].some((path) => path !== null && !existsSync(path)))
    product.reasons = ["missing"];
}

/** What stands where files beside the product go must be ours. */
function refuseForeign(paths: readonly string[], force: boolean): void {
  const foreign = force ? undefined : paths.find((path) => existsSync(path) && !isOurs(path));
  if (foreign !== undefined)
    throw new OutputError(`would overwrite ${foreign}, which iris didn't write`, {
      hint: "move it away, write to another folder with -o, or say --force",
    });
}

/** The stamp of a product that stands there; null where `force` lets something else be overwritten. @throws OutputError */
function ownStamp(path: string, force: boolean): Fingerprint | null {
  const stamp = readStamp(path);
  if (stamp || force) return stamp;
  throw new OutputError(`would overwrite ${path}, which iris didn't write`, {
    hint: "move it away, write to another folder with -o, or say --force",
  });
}

function hashNow(path: string, memory: HashMemory): string {
  const file = openFile(path);
  try {
    const hash = contentHash(file);
    memory.set(path, "content", hash);
    return hash;
  } finally {
    file.close();
  }
}

/** "flat_field.inverse false → true, FLAT a.fits → b.fits", from the ledger's last word on this product. */
function differences(product: PlannedProduct): string {
  const entry = readLedger(dirname(product.output)).get(basename(product.output));
  if (!entry) return "";
  const words: string[] = [];
  for (const step of product.steps)
    for (const [name, { value }] of Object.entries(step.params)) {
      const had = entry.params[`${step.name}.${name}`];
      if (had !== undefined && JSON.stringify(had) !== JSON.stringify(value))
        words.push(`${step.name}.${name} ${JSON.stringify(had)} → ${JSON.stringify(value)}`);
    }
  for (const ref of product.steps.flatMap(({ refs }) => refs)) {
    const had = entry.refs.find(({ type }) => type === ref.type);
    if (had && had.sha256 !== ref.sha256) words.push(`${ref.type} ${had.path} → ${ref.path ?? "none"}`);
  }
  return words.join(", ");
}
