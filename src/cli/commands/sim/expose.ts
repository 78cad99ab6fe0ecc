/** `iris sim ramp | dark | flat | science`: one exposure and its truth. */
import { basename, resolve } from "node:path";
import { UsageError } from "../../../errors.js";
import { windowOf } from "../../../instruments/iris/simulator/detector.js";
import type { ExposureType, SimulatedExposure } from "../../../instruments/iris/simulator/exposure.js";
import { exposureName } from "../../../instruments/iris/simulator/headers.js";
import { filterNamed } from "../../../instruments/iris/simulator/optics.js";
import { writeRamp, writeRate } from "../../../instruments/iris/simulator/write.js";
import type { Cli } from "../../cli.js";
import { progressLine } from "./progress.js";
import { integerFlag, numberFlag, pairFlag, refuseExisting, sizeOf, timeFlag } from "./values.js";

export interface ExposureFlags {
  type?: string;
  size: string;
  detector: string;
  filter: string;
  reads: string;
  ints: string;
  tframe: string;
  exptime?: string;
  seed: string;
  sky: string;
  density: string;
  field: string;
  ra: string;
  dec: string;
  dither: string;
  lamp?: string;
  cosmics: string;
  start: string;
  number: string;
  object: string;
  truth: boolean;
  force?: boolean;
  out?: string;
}

/** Electrons that the lamp collects by default: 45 % of the full well. */
export const LAMP_ELECTRONS = 40_500;

const TYPES: readonly ExposureType[] = ["SCI", "SKY", "DARK", "FLAT"];

function typeOf(text = "SCI"): ExposureType {
  const type = TYPES.find((each) => each === text.toUpperCase());
  if (!type) throw new UsageError(`no type of exposure "${text}": there are ${TYPES.join(", ")}`);
  return type;
}

function exposureOf(flags: ExposureFlags): SimulatedExposure {
  const type = typeOf(flags.type);
  const reads = integerFlag("reads", flags.reads, 1);
  const exptime = flags.exptime === undefined ? undefined : numberFlag("exptime", flags.exptime, 1e-6);
  const tframe = exptime === undefined ? numberFlag("tframe", flags.tframe, 1e-6) : exptime / reads;
  const [dx, dy] = pairFlag("dither", flags.dither);
  const [nx, ny] = sizeOf(flags.size);
  if (type !== "DARK") filterNamed(flags.filter);
  return {
    window: windowOf(flags.detector.toUpperCase(), nx, ny),
    type,
    filter: type === "DARK" ? "OPAQUE" : flags.filter,
    reads,
    ints: integerFlag("ints", flags.ints, 1),
    tframe,
    pointing: {
      ra: numberFlag("ra", flags.ra),
      dec: numberFlag("dec", flags.dec, -90, 90),
      dx,
      dy,
      density: numberFlag("density", flags.density, 0),
      seed: integerFlag("field", flags.field),
    },
    sky: numberFlag("sky", flags.sky, 0),
    lamp: flags.lamp === undefined ? LAMP_ELECTRONS / (reads * tframe) : numberFlag("lamp", flags.lamp, 0),
    cosmics: numberFlag("cosmics", flags.cosmics, 0),
    seed: integerFlag("seed", flags.seed),
    start: timeFlag("start", flags.start),
    number: integerFlag("number", flags.number),
    object: flags.object,
  };
}

/** `x_truth.fits` for `x.fits`, `x_uncal.fits` and `x_rate.fits`. */
export const truthName = (path: string): string =>
  `${path.replace(/\.fits$/i, "").replace(/_(uncal|rate)$/, "")}_truth.fits`;

export function runExposure(cli: Cli, level: 0 | 1, flags: ExposureFlags, command: string): void {
  const exposure = exposureOf(flags);
  const path = resolve(cli.host.cwd, flags.out ?? exposureName(exposure, level));
  if (!/\.fits$/i.test(path))
    throw new UsageError(`can't write: ${flags.out ?? path} — the name of the file has to end in .fits`, {
      hint: `iris sim ${command} -o ${basename(path)}.fits`,
    });
  const truth = flags.truth ? truthName(path) : null;
  refuseExisting([path, ...(truth ? [truth] : [])], flags.force ?? false);
  const write = level === 0 ? writeRamp : writeRate;
  const destination = {
    path,
    name: basename(path),
    truth: truth ? { path: truth, name: basename(truth) } : null,
  };
  write(exposure, destination, progressLine(cli, basename(path)));
  const files = truth ? [path, truth] : [path];
  cli.out(cli.json ? JSON.stringify({ v: 1, type: "sim", files }) : files.join("\n"));
}
