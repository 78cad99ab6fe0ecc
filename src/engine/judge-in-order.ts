/** Says of one product after the other whether it is fresh, each knowing of those before it that it needs. */
import { judge } from "./freshness.js";
import type { HashMemory } from "./hashes.js";
import { quicklookPath } from "./naming.js";
import { neededPaths, settleReferences } from "./needs.js";
import type { PlannedProduct } from "./plan-types.js";
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
  return (product) => {
    const upstream = neededPaths(product).some((path) => stale.has(path));
    if (!upstream) settleReferences(product, memory);
    const decide = () => {
      judge(product, memory, force, upstream);
    };
    if (isVersioned(product)) judgeVersion(product, decide, isTaken);
    else decide();
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
