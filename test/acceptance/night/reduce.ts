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
  const { size, detectors, reads, tframe, dithers, skies, step } = night;
  const raw = join(folder, "night");
  iris(folder, "sim", "references", "--size", size, "--detector", detectors, "--cache", cache);
  iris(
    folder,
    ...["sim", "night", "-o", raw, "--size", size, "--detectors", detectors, "--reads", reads],
    ...[
      "--tframe",
      tframe,
      "--dithers",
      dithers,
      "--skies",
      skies,
      "--step",
      step,
      "--darks",
      3,
      "--flats",
      2,
    ],
  );
  const once = ["-q", "--no-quicklook", "-o"];
  iris(raw, "reduce", "night_asn.json", ...once, join(folder, "cal"));
  const images = readdirSync(join(folder, "cal")).filter((name) => name.endsWith(".fits"));
  iris(join(folder, "cal"), "reduce", "--pipeline", "image3", ...once, join(folder, "mosaic"), ...images);
  const [mosaic] = readdirSync(join(folder, "mosaic")).filter((name) => name.endsWith(".fits"));
  return join(folder, "mosaic", mosaic!);
}
