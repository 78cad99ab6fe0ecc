/** Our calibration lookup against the recorded answers of the field's software. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { packageRoot } from "../../src/package.js";
import { checkBestrefs } from "./crds/bestrefs.js";
import { checkChecksums } from "./crds/checksum.js";
import { checkTranscripts } from "./crds/cli.js";
import { checkInvalid } from "./crds/invalid.js";
import { makeTally, type Tally } from "./crds/tally.js";
import { checkUnits } from "./crds/unit.js";

/** Mappings for a directory that has none of its own. */
const besideProject = join(packageRoot, "..", "shared", "oracle", "crds");

type Check = (file: string, root: string, tally: Tally) => void | Promise<void>;

const sets: Readonly<Record<string, { extension: string; check: Check }>> = {
  bestrefs: { extension: ".jsonl", check: checkBestrefs },
  synthetic: { extension: ".jsonl", check: checkBestrefs },
  unit: { extension: ".jsonl", check: checkUnits },
  checksum: { extension: ".jsonl", check: checkChecksums },
  cli: { extension: ".txt", check: checkTranscripts },
  invalid: { extension: "expected.jsonl", check: checkInvalid },
};

/** `family` is crds, crds/<set> or crds/<set>/<beginning of a file name>; the sets stand in `directory` or its `public`. */
export async function run(directory: string, family: string): Promise<{ passed: number; failed: number }> {
  const tally = makeTally();
  const [, only, prefix = ""] = family.split("/");
  if (only !== undefined && !sets[only]) {
    tally.fail(family, `no such set; there are ${Object.keys(sets).join(", ")}`);
    return tally;
  }
  const root = findCacheRoot(resolve(directory)) ?? findCacheRoot(besideProject);
  if (!root) {
    tally.fail(directory, "no folder `mappings` there or above");
    return tally;
  }
  for (const [set, { extension, check }] of Object.entries(sets)) {
    if (only !== undefined && only !== set) continue;
    const files = filesOf(resolve(directory), set, extension, only === set).filter((file) =>
      basename(file).startsWith(prefix.replace(/\*$/, "")),
    );
    if (files.length === 0) tally.apart(`${set}: no files in ${directory}`);
    for (const file of files) {
      const [passed, failed] = [tally.passed, tally.failed];
      tally.open(`${set}/${basename(file)}`);
      await check(file, root, tally);
      tally.close();
      console.log(
        `${set}/${basename(file)}: ${tally.passed - passed} passed, ${tally.failed - failed} failed`,
      );
    }
  }
  for (const line of tally.notes) console.log(`apart: ${line}`);
  return tally;
}

/** Files of a set: in the folder of its name, below `public`, or in the directory itself when just that set is asked for. */
function filesOf(directory: string, set: string, extension: string, own: boolean): string[] {
  const folders = [join(directory, set), join(directory, "public", set), ...(own ? [directory] : [])];
  const folder = folders.find(
    (path) => existsSync(path) && readdirSync(path).some((f) => f.endsWith(extension)),
  );
  if (!folder) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(folder, name));
}

/** The directory with the mappings: this one, or the nearest above. */
function findCacheRoot(directory: string): string | undefined {
  if (!existsSync(directory)) return undefined;
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "mappings")) && statSync(join(folder, "mappings")).isDirectory())
      return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
