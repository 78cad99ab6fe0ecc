/** `iris sim`: raw exposures with known truth, and the calibrations for them. */
import type { Command } from "commander";
import type { Cli } from "../cli.js";
import type { CcdFlags } from "./sim/ccd.js";
import type { ExposureFlags } from "./sim/expose.js";
import { FIELD } from "./sim/field.js";
import type { NightFlags } from "./sim/night.js";
import type { ReferenceFlags } from "./sim/references.js";

const detectorFlag = ["--detector <name>", "IMG1, IMG2, IMG3 or IMG4", "IMG1"] as const;
const sizeFlag = [
  "--size <pixels>",
  "side, or columns x rows: 256, 320x200; 4096 is a full frame",
  "256",
] as const;
const filterFlag = ["--filter <name>", "filter: Zbb Ybb Jbb Hbb Kbb Ks KN3", "Kbb"] as const;
const seedFlag = ["--seed <n>", "seed of everything random; equal seeds give equal files", "1"] as const;
const startFlag = ["--start <time>", "UTC of the first reset", "2026-03-05T08:00:00"] as const;

/** The options of every kind of exposure. */
const exposure = (command: Command): Command =>
  command
    .option(...sizeFlag)
    .option(...detectorFlag)
    .option(...filterFlag)
    .option("--reads <n>", "reads per ramp", "12")
    .option("--ints <n>", "ramps", "1")
    .option("--tframe <seconds>", "time between reads", "4")
    .option("--exptime <seconds>", "time of a ramp; sets the time between reads")
    .option(...seedFlag)
    .option("--sky <factor>", "brightness of the sky, 1 on a median night", "1")
    .option("--density <stars>", "stars per 256 x 256 pixels", "30")
    .option("--field <n>", "which star field; the same for every dither", "1")
    .option("--ra <degrees>", "right ascension of the field's centre", String(FIELD.ra))
    .option("--dec <degrees>", "declination of the field's centre", String(FIELD.dec))
    .option("--dither <x,y>", "move of the telescope in pixels", "0,0")
    .option("--lamp <rate>", "flat-field lamp, electron/s (default: to 45 % of the full well)")
    .option("--cosmics <rate>", "cosmic rays per cm2 and second", "5")
    .option(...startFlag)
    .option("--number <n>", "exposure number", "1")
    .option("--object <name>", "target", "SIM FIELD")
    .option("--no-truth", "leave the truth file out")
    .option("--force", "overwrite files that exist")
    .option("-o, --out <file>", "file to write (default: the observatory's name for it)");

export function register(cli: Cli): void {
  const sim = cli.program
    .command("sim")
    .description(
      "Simulate raw IRIS exposures and nights of a CCD with known truth, and the references that calibrate them.",
    );

  const expose = (name: string, level: 0 | 1, type: string | null) => async (flags: ExposureFlags) => {
    const { runExposure } = await import("./sim/expose.js");
    runExposure(cli, level, type === null ? flags : { ...flags, type }, name);
  };

  exposure(
    sim
      .command("ramp")
      .summary("raw reads of a star field, or of any other type")
      .description("Simulate the raw reads of an exposure up the ramp: uint16, columns, rows, reads, ramps."),
  )
    .option("--type <type>", "SCI, SKY, DARK or FLAT", "SCI")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris sim ramp --size 256 --reads 12 --seed 42 -o iris_utr.fits\n" +
        "  $ iris sim ramp --size 4096 --reads 100 --tframe 0.72 --no-truth -o big.fits",
    )
    .action(expose("ramp", 0, null));

  exposure(
    sim
      .command("dark")
      .summary("raw reads in the dark")
      .description("Simulate the raw reads of a dark exposure."),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris sim dark --size 256 --exptime 300 -o dark.fits\n  $ iris sim dark --detector IMG3 --seed 5 -o dark3.fits",
    )
    .action(expose("dark", 0, "DARK"));

  exposure(
    sim
      .command("flat")
      .summary("raw reads of the flat-field lamp")
      .description("Simulate the raw reads of a flat."),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris sim flat --filter Jbb -o flat.fits\n  $ iris sim flat --lamp 500 --seed 3 -o flat3.fits",
    )
    .action(expose("flat", 0, "FLAT"));

  exposure(
    sim
      .command("science")
      .summary("a finished count rate with SCI, ERR and DQ")
      .description("Simulate a count rate, as the readout stage leaves it: electron/s with SCI, ERR and DQ."),
  )
    .option("--type <type>", "SCI, SKY, DARK or FLAT", "SCI")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris sim science --seed 9 -o sci_rate.fits\n  $ iris sim science --type SKY --dither 200,0 -o sky_rate.fits",
    )
    .action(expose("science", 1, null));

  sim
    .command("night")
    .summary("darks, flats, a dithered field and skies, with an association")
    .description(
      "Simulate a night of raw exposures under the observatory's names, and their association. Windows of several detectors lie at the corners that face the field's centre.",
    )
    .option(...sizeFlag)
    .option("--detectors <names>", "comma-separated detectors, or all", "IMG1")
    .option(...filterFlag)
    .option("--reads <n>", "reads per ramp", "8")
    .option("--tframe <seconds>", "time between reads", "4")
    .option("--darks <n>", "darks", "5")
    .option("--flats <n>", "flats", "3")
    .option("--dithers <n>", "dithered science exposures", "9")
    .option("--skies <n>", "sky exposures", "3")
    .option("--step <arcsec>", "distance of neighbouring dithers", "0.1")
    .option("--density <stars>", "stars per 256 x 256 pixels", "30")
    .option("--cosmics <rate>", "cosmic rays per cm2 and second", "5")
    .option(...seedFlag)
    .option(...startFlag)
    .option("--no-truth", "leave the truth files out")
    .option("--cache <folder>", "make or extend a cache with the references that a night can't give")
    .option("--force", "overwrite files that exist")
    .requiredOption("-o, --out <folder>", "folder to write to")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris sim night --size 128 -o night/\n  $ iris sim night --size 512 --detectors all --cache cache -o night/\n  $ CRDS_PATH=cache iris reduce night/ -o reduced/",
    )
    .action(async (flags: NightFlags) => {
      const { runNight } = await import("./sim/night.js");
      runNight(cli, flags);
    });

  sim
    .command("ccd")
    .summary("biases, darks, flats and a dithered field of a CCD")
    .description(
      "Simulate a night of a CCD that several amplifiers read, each with an overscan: 16-bit frames as observatories write them, and in truth/ what a perfect reduction gives.",
    )
    .option("--size <pixels>", "side of the chip, or columns x rows: 256, 320x200", "256")
    .option("--amplifiers <n>", "amplifiers side by side, 1 to 4", "2")
    .option("--overscan <columns>", "columns that each reads after its data", "32")
    .option("--filter <name>", "filter of flats and science", "R")
    .option("--biases <n>", "biases", "7")
    .option("--darks <n>", "darks", "5")
    .option("--darktime <seconds>", "time of a dark", "300")
    .option("--flats <n>", "flats", "5")
    .option("--exposures <n>", "dithered science exposures", "4")
    .option("--exptime <seconds>", "time of a science exposure", "120")
    .option("--step <pixels>", "distance of neighbouring dithers", "12")
    .option("--sky <rate>", "electron/s per pixel", "5")
    .option("--density <stars>", "stars per 256 x 256 pixels", "30")
    .option("--cosmics <rate>", "cosmic rays per cm2 and second", "0.5")
    .option(...seedFlag)
    .option("--start <time>", "UTC of the first frame", "2026-03-05T00:30:00")
    .option("--no-truth", "leave the truth files out")
    .option("--force", "overwrite files that exist")
    .requiredOption("-o, --out <folder>", "folder to write to")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris sim ccd -o night/\n  $ iris sim ccd --size 1024 --amplifiers 4 -o night/\n  $ iris reduce night/ -o reduced/",
    )
    .action(async (flags: CcdFlags) => {
      const { runCcd } = await import("./sim/ccd.js");
      runCcd(cli, flags);
    });

  sim
    .command("references")
    .summary("a set of calibration references in a cache of yours")
    .description(
      "Make DARK, FLAT, MASK, NONLINCOEFF, SATURATION, GAIN and READNOISE of simulated detectors and put them, with the rules that find them, into a calibration cache. Set CRDS_PATH to the cache to use it. Windows of several detectors lie at the corners that face the field's centre, as those of a night do.",
    )
    .option(...sizeFlag)
    .option("--detector <names>", "comma-separated detectors, or all", "IMG1")
    .option("--filter <names>", "comma-separated filters of the flats", "Kbb")
    .option("--types <names>", "only these types, comma-separated")
    .option("--use-after <time>", "first use of the references, UTC", "2020-01-01T00:00:00")
    .requiredOption("--cache <folder>", "cache to make or to extend")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris sim references --size 2048 --filter Jbb,Kbb --cache my-cache\n  $ CRDS_PATH=my-cache iris plan ramp.fits",
    )
    .action(async (flags: ReferenceFlags) => {
      const { runReferences } = await import("./sim/references.js");
      runReferences(cli, flags);
    });
}
