/** `iris sim night`: the exposures of a night and their association. */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { OutputError } from "../../../errors.js";
import { extendCache, type CacheChange } from "../../../instruments/iris/simulator/cache.js";
import { windowsOf, type Window } from "../../../instruments/iris/simulator/detector.js";
import { exposureName } from "../../../instruments/iris/simulator/headers.js";
import { associationOf, planNight } from "../../../instruments/iris/simulator/night.js";
import { filterNamed } from "../../../instruments/iris/simulator/optics.js";
import { writeRamp } from "../../../instruments/iris/simulator/write.js";
import type { Cli } from "../../cli.js";
import { LAMP_ELECTRONS, truthName } from "./expose.js";
import { progressLine } from "./progress.js";
import { FIELD } from "./field.js";
import { detectorsFlag, integerFlag, numberFlag, refuseExisting, sizeOf, timeFlag } from "./values.js";

export interface NightFlags {
  size: string;
  detectors: string;
  filter: string;
  reads: string;
  tframe: string;
  darks: string;
  flats: string;
  dithers: string;
  skies: string;
  step: string;
  density: string;
  cosmics: string;
  seed: string;
  start: string;
  truth: boolean;
  force?: boolean;
  cache?: string;
  out: string;
}

const ASSOCIATION = "night_asn.json";
/** What the exposures of a night don't tell of their detectors. */
const NOT_OF_A_NIGHT = ["SATURATION", "NONLINCOEFF", "GAIN", "READNOISE"] as const;
/** First use of the references: before any night. */
const USE_AFTER = "2020-01-01 00:00:00";

export function runNight(cli: Cli, flags: NightFlags): void {
  const [nx, ny] = sizeOf(flags.size);
  filterNamed(flags.filter);
  const reads = integerFlag("reads", flags.reads, 1);
  const tframe = numberFlag("tframe", flags.tframe, 1e-6);
  const windows = windowsOf(detectorsFlag(flags.detectors), nx, ny);
  const exposures = planNight({
    windows,
    filter: flags.filter,
    reads,
    tframe,
    darks: integerFlag("darks", flags.darks),
    flats: integerFlag("flats", flags.flats),
    skies: integerFlag("skies", flags.skies),
    dithers: integerFlag("dithers", flags.dithers),
    step: numberFlag("step", flags.step),
    seed: integerFlag("seed", flags.seed),
    start: timeFlag("start", flags.start),
    density: numberFlag("density", flags.density, 0),
    cosmics: numberFlag("cosmics", flags.cosmics, 0),
    lamp: LAMP_ELECTRONS / (reads * tframe),
    ...FIELD,
  });
  const folder = resolve(cli.host.cwd, flags.out);
  const jobs = exposures.map((exposure) => {
    const name = exposureName(exposure, 0);
    // Apart, so that the folder of the night holds what a telescope would have left there.
    const truth = flags.truth ? join("truth", truthName(name)) : null;
    return { exposure, name, truth };
  });
  const names = [
    ...jobs.flatMap(({ name, truth }) => (truth === null ? [name] : [name, truth])),
    ASSOCIATION,
  ];
  refuseExisting(
    names.map((name) => join(folder, name)),
    flags.force ?? false,
  );
  try {
    mkdirSync(flags.truth ? join(folder, "truth") : folder, { recursive: true });
  } catch (cause) {
    throw new OutputError(`can't make the folder: ${folder} — ${(cause as Error).message}`, { cause });
  }
  const progress = progressLine(cli, flags.out);
  for (const [index, { exposure, name, truth }] of jobs.entries()) {
    const destination = {
      path: join(folder, name),
      name,
      truth: truth === null ? null : { path: join(folder, truth), name: basename(truth) },
    };
    writeRamp(exposure, destination, (share) => {
      progress((index + share) / jobs.length);
    });
  }
  writeFileSync(join(folder, ASSOCIATION), `${JSON.stringify(associationOf(exposures), null, 2)}\n`);
  const files = names.map((name) => join(folder, name));
  const change = flags.cache === undefined ? null : makeReferences(cli, windows, flags.cache);
  if (cli.json) cli.out(JSON.stringify({ v: 1, type: "sim", files, ...change }));
  else cli.out([...files, ...(change ? [...change.references, ...change.mappings] : [])].join("\n"));
  if (!cli.json && !cli.quiet) cli.err(nextCommands(flags).join("\n"));
}

function makeReferences(cli: Cli, windows: readonly Window[], cache: string): CacheChange {
  const requests = windows.flatMap((window) =>
    NOT_OF_A_NIGHT.map((type) => ({ type, window, filter: "", useAfter: USE_AFTER })),
  );
  return extendCache(resolve(cli.host.cwd, cache), requests, progressLine(cli, cache));
}

/** What reduces the night: references of these detectors and windows, where they weren't asked for, then the night. */
function nextCommands({ size, detectors, cache, out }: NightFlags): string[] {
  const types = NOT_OF_A_NIGHT.join(",");
  const references = `iris sim references --size ${size} --detector ${detectors} --types ${types} --cache cache`;
  return [
    ...(cache === undefined ? [`next: ${references}`] : []),
    `next: CRDS_PATH=${cache ?? "cache"} iris reduce ${out} -o reduced`,
  ];
}
