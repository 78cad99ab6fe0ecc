/** Says of one product after the other whether it is fresh, each knowing of those before it that it needs. */
import { judge } from "./freshness.js";
import type { HashMemory } from "./hashes.js";
import { quicklookPath } from "./naming.js";
import { neededPaths, settleReferences } from "./needs.js";
import type { PlannedProduct } from "./plan-types.js";
import { spareOf, withStandIns, type StandIns } from "./unless.js";
import { nextVersion, ownVersions, versionOf } from "./versions.js";

interface Surroundings {
  memory: HashMemory;
  force: boolean;
  /** Has a cache a reference of this name? */
  isTaken(name: string): boolean;
}

/** The function that judges the next product; a calibration may get another name by that, of another version. */
export function judgeInOrder({ memory, force, isTaken }: Surroundings): (product: PlannedProduct) => void {
  const stale = new Set<string>();
  const standIns: StandIns = new Map();
  return (product) => {
    const { unless } = product;
    const spare =
      unless && !stale.has(standIns.get(unless.file) ?? unless.file) ? spareOf(product, standIns) : null;
    delete product.spared;
    if (spare !== null) {
      standIns.set(product.output, spare);
      Object.assign(product, { spared: spare, reasons: [], detail: "" });
      return;
    }
    // What it is made of as things are now: another time that may be another round.
    const now = withStandIns(product, standIns);
    const upstream = neededPaths(now).some((path) => stale.has(path));
    if (!upstream) settleReferences(now, memory);
    const decide = () => {
      judge(now, memory, force, upstream);
    };
    if (isVersioned(now)) judgeVersion(now, decide, isTaken);
    else decide();
    const { output, quicklook, beside, fingerprint, reasons, detail } = now;
    Object.assign(product, { output, quicklook, fingerprint, reasons, detail }, beside && { beside });
    if (product.reasons.length > 0) stale.add(product.output);
  };
}

const isVersioned = ({ output, keywords }: PlannedProduct): boolean =>
  keywords["REFTYPE"] !== undefined && versionOf(output) !== null;

/** A calibration that would come out otherwise than every version that stands there is a version of its own. */
function judgeVersion(product: PlannedProduct, decide: () => void, isTaken: Surroundings["isTaken"]): void {
  const judgeAs = (path: string): boolean => {
    const [old, stem] = [product.output, path].map((file) => file.replace(/\.fits$/, ""));
    if (product.beside) product.beside = product.beside.map((file) => file.replace(old!, stem!));
    product.output = path;
    product.detail = "";
    if (product.quicklook !== null) product.quicklook = quicklookPath(path);
    decide();
    return product.reasons.every((reason) => reason === "missing" || reason === "forced");
  };
  const own = ownVersions(product.output);
  if (own.some(judgeAs)) return;
  if (own.length > 0) judgeAs(own[0]!);
  const { reasons, detail } = product;
  judgeAs(nextVersion(product.output, isTaken));
  if (own.length > 0) Object.assign(product, { reasons, detail });
}
