/** Files beside a product that its steps gave: tables as FITS, reports as JSON. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { writeFits } from "../fits/index.js";
import { version } from "../package.js";
import type { Beside } from "../step/outcome.js";
import { identity, type Fingerprint } from "./fingerprint.js";
import { besidePath } from "./naming.js";
import type { PlannedProduct } from "./plan-types.js";
import { readStamp, stampCards } from "./stamp.js";
import type { StepReport } from "./step-report.js";

/** Each is whole or isn't there, and carries the product's fingerprint. */
export function writeBeside(
  { output }: PlannedProduct,
  reports: readonly StepReport[],
  print: Fingerprint,
): void {
  for (const { beside, keywords } of reports)
    for (const file of beside) {
      const path = besidePath(output, file.ending);
      if ("table" in file) writeTable(path, basename(output), file, keywords, print);
      else
        writeJson(path, {
          v: 1,
          iris: version,
          fingerprint: identity(print),
          product: basename(output),
          ...file.json,
        });
    }
}

function writeTable(
  path: string,
  product: string,
  { table, name }: Extract<Beside, { table: unknown }>,
  keywords: StepReport["keywords"],
  print: Fingerprint,
): void {
  const cards = [
    { keyword: "FILENAME", value: basename(path), comment: "name of this file" },
    { keyword: "CAL_VER", value: `iris ${version}`, comment: "software that made this file" },
    { keyword: "PARENT1", value: product, comment: "image that it belongs to" },
    ...stampCards(print),
    ...Object.entries(keywords).map(([keyword, value]) => ({ keyword, value })),
  ];
  writeFits(path, [{ cards }, { type: "bintable", name, columns: table }]);
}

function writeJson(path: string, content: object): void {
  const temporary = `${path}.tmp-${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 1)}\n`);
  renameSync(temporary, path);
}

/** Whether such a file that stands there was written by iris. */
export function isOurs(path: string): boolean {
  if (path.endsWith(".fits")) return readStamp(path) !== null;
  try {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof content === "object" && content !== null && "iris" in content && "fingerprint" in content;
  } catch {
    return false;
  }
}
