/** Where a product goes and what it is called: the only place that decides. */
import { basename, join } from "node:path";

/** Endings that name a processing stage and are replaced, not stacked (spec of the ancestors' output names). */
const STAGES = (
  "uncal ramp rate rateints cal calints bsub bsubints crf crfints i2d s2d s3d x1d x1dints c1d cat median blot mbsub " +
  "dark flat phot snr whtlt psfstack psfalign psfsub sky wcs xcr bpm spec wave cube mosaic objects qa"
).split(" ");

/** "a/b_rate.fits.gz" → "b_rate". */
export const stemOf = (path: string): string =>
  basename(path)
    .replace(/\.(gz|fz|bz2|Z)$/i, "")
    .replace(/\.(fits|fit|fts)$/i, "");

/**
 * `obs_rate` + `cal` → `obs_cal`; the separator is kept (`my-obs-rate` → `my-obs-cal`), an unknown ending stays
 * (`sci` → `sci_cal`). A name that carries its level (`…_LVL0_0001-00`) gets the new level instead of an ending, or the
 * ending where that is its own level, and "_ints" where the ramps of the exposure are kept apart.
 */
export function productName(
  stem: string,
  { suffix, level, steps }: { suffix: string; level: number | null; steps: readonly string[] },
): string {
  if (level !== null && /_LVL\d_/.test(stem)) {
    const name = stem.replace(/_LVL\d_/, `_LVL${level}_`);
    if (suffix.endsWith("ints")) return `${name}_ints`;
    return name === stem ? `${name}_${suffix}` : name;
  }
  const known = [...STAGES, ...steps].sort((a, b) => b.length - a.length);
  for (const stage of known) {
    const separator = stem.at(-stage.length - 1);
    if (stem.endsWith(stage) && (separator === "_" || separator === "-") && stem.length > stage.length + 1)
      return stem.slice(0, -stage.length) + suffix;
  }
  return `${stem}_${suffix}`;
}

/** Calibrations are named for what they are: IRIS_IMG1_DARK_20240924T000000_0.0.1. */
export function calibrationName(
  instrument: string,
  detector: string,
  reftype: string,
  dateObs: string,
): string {
  const stamp = dateObs.replace(/\.\d+$/, "").replace(/[-:]/g, "");
  return `${instrument}_${detector}_${reftype.toUpperCase()}_${stamp}_0.0.1`;
}

export const outputPath = (folder: string, name: string): string => join(folder, `${name}.fits`);

/** "x_cal.fits" and "cat.fits" → "x_cal_cat.fits"; an ending that the name has already isn't said twice. */
export function besidePath(output: string, ending: string): string {
  const stem = output.replace(/\.fits$/, "");
  const [word] = ending.split(".") as [string];
  return stem.endsWith(`_${word}`) ? stem.slice(0, -word.length) + ending : `${stem}_${ending}`;
}

export const quicklookPath = (output: string): string => output.replace(/\.fits$/, ".png");
