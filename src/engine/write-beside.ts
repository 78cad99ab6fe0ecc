/** Files beside a product that its steps gave: tables as FITS, reports as JSON. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { getValue, openFits, writeFits } from "../fits/index.js";
import { version } from "../package.js";
import type { Beside } from "../step/outcome.js";
import { identity, type Fingerprint } from "./fingerprint.js";
import { besidePath } from "./naming.js";
import type { PlannedProduct } from "./plan-types.js";
import { stampCards } from "./stamp.js";
import type { StepReport } from "./step-report.js";

const SOFTWARE = `iris ${version}`;

/** Each is whole or isn't there, and carries the product's fingerprint. */
export function writeBeside(
  { output }: PlannedProduct,
  reports: readonly StepReport[],
  print: Fingerprint,
): void {
  for (const { beside, keywords } of reports)
    for (const file of beside)
      writeBesideFile(besidePath(output, file.ending), basename(output), file, keywords, print);
}

/** One such file; `print` is null where it belongs to an input and not to a product. */
export function writeBesideFile(
  path: string,
  image: string,
  file: Beside,
  keywords: StepReport["keywords"],
  print: Fingerprint | null,
): void {
  if ("json" in file) {
    const fingerprint = print && identity(print);
    writeJson(path, { v: 1, iris: version, fingerprint, image, ...file.json });
    return;
  }
  const cards = [
    { keyword: "FILENAME", value: basename(path), comment: "name of this file" },
    { keyword: "CAL_VER", value: SOFTWARE, comment: "software that made this file" },
    { keyword: "PARENT1", value: image, comment: "image that it belongs to" },
    ...(print ? stampCards(print) : []),
    ...Object.entries(keywords).map(([keyword, value]) => ({ keyword, value })),
  ];
  writeFits(path, [{ cards }, { type: "bintable", name: file.name, columns: file.table }]);
}

function writeJson(path: string, content: object): void {
  const temporary = `${path}.tmp-${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 1)}\n`);
  renameSync(temporary, path);
}

/** Whether such a file that stands there was written by iris. */
export function isOurs(path: string): boolean {
  try {
    if (path.endsWith(".json")) {
      const content: unknown = JSON.parse(readFileSync(path, "utf8"));
      return typeof content === "object" && content !== null && "iris" in content && "image" in content;
    }
    const file = openFits(path);
    try {
      return /^iris /.test(String(getValue(file.hdus[0]!.header, "CAL_VER")));
    } finally {
      file.close();
    }
  } catch {
    return false;
  }
}
