/** What comes with the installed package: its folder, its version and its calibration cache. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The nearest folder above this module whose package.json has a name: others only say how modules are read. */
export const { packageRoot, version } = (() => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { name?: string; version: string };
    if (manifest.name !== undefined) return { packageRoot: folder, version: manifest.version };
  }
})();

export const bundledCache: string = join(packageRoot, "crds-cache");
