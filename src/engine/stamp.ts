/** The fingerprint in a product's header: how `iris` knows its own products, and whether they are fresh. */
import { getValue, openFits, type Card } from "../fits/index.js";
import { identity, type Fingerprint } from "./fingerprint.js";

const KEYWORDS: readonly [keyof Fingerprint, string, string][] = [
  ["inputs", "IRISFPI", "hash of the inputs' headers and pixels"],
  ["code", "IRISFPC", "hash of the steps and their versions"],
  ["params", "IRISFPP", "hash of the parameters"],
  ["refs", "IRISFPR", "hash of the references"],
];

export const stampCards = (print: Fingerprint): Card[] => [
  { keyword: "IRISFP", value: identity(print), comment: "identity of this product" },
  ...KEYWORDS.map(([part, keyword, comment]) => ({ keyword, value: print[part], comment })),
];

/** null: not a product of iris, or not readable. */
export function readStamp(path: string): Fingerprint | null {
  let file;
  try {
    file = openFits(path);
  } catch {
    return null;
  }
  try {
    const header = file.hdus[0]!.header;
    const entries = KEYWORDS.map(([part, keyword]) => [part, getValue(header, keyword)] as const);
    return entries.every(([, value]) => typeof value === "string")
      ? (Object.fromEntries(entries) as unknown as Fingerprint)
      : null;
  } finally {
    file.close();
  }
}
