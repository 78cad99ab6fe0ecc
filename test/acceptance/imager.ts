/** Our image steps against the peers' recorded answers: a family of cases, or a folder of families. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { folders, runFamilies, type Tally } from "./families.js";
import { readCase } from "./imager/case.js";
import { calibrationFamilies } from "./imager/calibrations.js";
import { cosmicFamilies } from "./imager/cosmics.js";
import { fluxFamilies } from "./imager/flux.js";
import { checkRun, readRuns } from "./imager/framework.js";
import { photometryFamilies } from "./imager/photometry.js";
import { resamplingFamilies } from "./imager/resampling.js";
import { skyFamilies } from "./imager/sky.js";
import { statisticsFamilies } from "./imager/statistics.js";
import { subarrayFamilies } from "./imager/subarrays.js";
import { wcsFamilies } from "./imager/wcs.js";
import { spine, type Check } from "./imager/spine.js";

const checks: Readonly<Record<string, Check>> = {
  ...spine,
  ...cosmicFamilies,
  ...wcsFamilies,
  ...statisticsFamilies,
  ...skyFamilies,
  ...resamplingFamilies,
  ...subarrayFamilies,
  ...calibrationFamilies,
  ...photometryFamilies,
  ...fluxFamilies,
};

/** Runs every case of `family` ("imager/dark", "dark", or "imager" for all) in `directory`; prints the failures. */
export const run = (directory: string, family: string): Promise<Tally> =>
  runFamilies("imager", directory, family, runFamily);

async function runFramework(directory: string): Promise<Tally> {
  const tally = { passed: 0, failed: 0 };
  for (const recorded of readRuns(directory)) {
    const difference = await checkRun(directory, recorded).catch(String);
    if (difference === undefined) tally.passed++;
    else {
      tally.failed++;
      console.log(`FAIL framework/${recorded.name}: ${difference}`);
    }
  }
  return tally;
}

function runFamily(directory: string, family: string): Promise<Tally> {
  if (family === "framework") return runFramework(directory);
  const tally = { passed: 0, failed: 0 };
  const fail = (id: string, why: string): void => {
    tally.failed++;
    console.log(`FAIL ${id}: ${why}`);
  };
  const check = checks[family];
  const cases = folders(directory).filter((folder) => existsSync(join(folder, "case.json")));
  if (!check) fail(family, "no such family here");
  else if (cases.length === 0) fail(family, `no cases in ${directory}`);
  else
    for (const folder of cases) {
      try {
        const c = readCase(folder);
        const difference = check(c);
        if (difference === undefined) tally.passed++;
        else fail(c.id, difference);
      } catch (error) {
        fail(basename(folder), String(error));
      }
    }
  return Promise.resolve(tally);
}
