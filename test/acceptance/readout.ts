/** Our readout steps against the peers' recorded answers: a family of cases, or a folder of families. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { folders, runFamilies, type Tally } from "./families.js";
import { readCase } from "./readout/case.js";
import { checkIris } from "./readout/iris.js";
import { checkChargemig, checkFlicker, checkIpc, checkRefpix, checkSuperbias } from "./readout/detector.js";
import { checkE2e } from "./readout/e2e.js";
import { checkJump } from "./readout/jump.js";
import { checkLiger } from "./readout/liger.js";
import { checkRampfit } from "./readout/rampfit.js";
import { alloc, spine, type Check } from "./readout/spine.js";

const checks: Readonly<Record<string, Check>> = {
  ...spine,
  rampfit: checkRampfit,
  jump: checkJump,
  superbias: checkSuperbias,
  ipc: checkIpc,
  chargemig: checkChargemig,
  refpix: checkRefpix,
  flicker: checkFlicker,
  e2e: checkE2e,
  liger: checkLiger,
};

/** Runs every case of `family` ("readout/dark", "dark", or "readout" for all families) in `directory`. */
export const run = (directory: string, family: string): Promise<Tally> =>
  runFamilies("readout", directory, family, runFamily);

function runFamily(directory: string, family: string): Tally {
  const tally = { passed: 0, failed: 0 };
  const cases = casesOf(directory, family);
  if (typeof cases === "string") {
    console.log(`FAIL ${family}: ${cases}`);
    return { passed: 0, failed: 1 };
  }
  for (const { id, check } of cases) {
    const mark = alloc.mark();
    let differences: string[];
    try {
      differences = check();
    } catch (error) {
      differences = [String(error)];
    }
    alloc.release(mark);
    if (differences.length === 0) tally.passed++;
    else tally.failed++;
    for (const difference of differences) console.log(`FAIL ${id}: ${difference}`);
  }
  return tally;
}

/** The cases of a family, or why there are none. */
function casesOf(directory: string, family: string): { id: string; check: () => string[] }[] | string {
  if (family === "iris") {
    const files = readdirSync(directory).filter((name) => name.endsWith(".json"));
    if (files.length === 0) return `no cases in ${directory}`;
    return files.sort().map((name) => ({
      id: `iris/${name}`,
      check: () => checkIris(join(directory, name)),
    }));
  }
  const check = checks[family];
  if (!check) return `no such family here; there are iris, ${Object.keys(checks).join(", ")}`;
  const found = folders(directory).filter((folder) => existsSync(join(folder, "case.json")));
  if (found.length === 0) return `no cases in ${directory}`;
  return found.map((folder) => ({
    id: `${family}/${basename(folder)}`,
    check: () => check(readCase(folder)),
  }));
}
