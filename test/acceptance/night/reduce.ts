/** Simulates a night and reduces it, through the command line as an observer does. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const launcher = join(dirname(fileURLToPath(import.meta.url)), "../../../../bin/iris.js");

export interface Night {
  /** Columns and rows of each detector's window. */
  size: number;
  detectors: string;
  reads: number;
  tframe: number;
  dithers: number;
  skies: number;
  darks: number;
  flats: number;
  /** Arcseconds between dithers: not a whole number of pixels. */
  step: number;
}

/** Makes the night in `folder` and reduces it; the path of the mosaic. */
export function reduceNight(folder: string, night: Night, say: (text: string) => void): string {
  const cache = join(folder, "cache");
  const env = { ...process.env, CRDS_PATH: cache, CRDS_SERVER_URL: undefined };
  const iris = (cwd: string, ...words: (string | number)[]): void => {
    const began = performance.now();
    execFileSync(process.execPath, [launcher, ...words.map(String)], {
      cwd,
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const shown = words.length > 8 ? [...words.slice(0, 5), "…"] : words;
    say(`  iris ${shown.join(" ")}   ${((performance.now() - began) / 1000).toFixed(1)} s`);
  };
  const { size, detectors, reads, tframe, dithers, skies, darks, flats, step } = night;
  iris(
    folder,
    ...["sim", "night", "-o", "night", "--cache", "cache", "--size", size, "--detectors", detectors],
    ...["--reads", reads, "--tframe", tframe, "--dithers", dithers, "--skies", skies, "--step", step],
    ...["--darks", darks, "--flats", flats, "-q"],
  );
  iris(folder, "reduce", "night", "-o", "reduced", "-q", "--no-quicklook");
  const mosaic = readdirSync(join(folder, "reduced")).find((name) => name.endsWith("_i2d.fits"));
  return join(folder, "reduced", mosaic!);
}
