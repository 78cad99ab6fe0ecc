/** What a new calibration says of itself, so that rules can take it: version, first use, origin. */
import type { KeywordValue } from "../data/exposure.js";
import { version } from "../package.js";
import type { PlannedProduct } from "./plan-types.js";
import { versionOf } from "./versions.js";

/** USEAFTER is the start of the first exposure, REFVER the version in the name; nothing for other products. */
export function referenceKeywords(product: PlannedProduct): Record<string, KeywordValue> {
  const type = product.keywords["REFTYPE"];
  if (type === undefined) return {};
  const [start] = product.inputs.map(({ exposure }) => exposure.dateObs.replace(/\.\d+$/, "")).sort();
  const count = product.inputs.length;
  return {
    REFVER: `0.0.${String(versionOf(product.output)?.patch ?? 1)}`,
    ...(start ? { USEAFTER: start } : {}),
    PEDIGREE: "GROUND",
    DESCRIP: `${String(type)} of ${count} exposure${count === 1 ? "" : "s"} by ${product.pipeline}`,
    AUTHOR: `iris ${version}`,
  };
}
