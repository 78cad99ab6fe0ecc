/** `iris fits`: what is in a FITS file. */
import type { Cli } from "../cli.js";
import type { HeaderOptions } from "./fits/header.js";

interface InfoOptions {
  stats?: boolean;
}

export function register(cli: Cli): void {
  const fits = cli.program.command("fits").description("Look into FITS files.");

  fits
    .command("info")
    .summary("list the HDUs of files")
    .description("List the HDUs of files: name, class, shape, type after scaling.")
    .argument("<files...>", "FITS files; file.fits[EXT], [EXT,version] or [n] for one HDU")
    .option("--stats", "read the data: min, max, mean, NaN, and a hash of the scaled pixels")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris fits info raw/0001.fits\n  $ iris fits info --json --stats reduced/*_cal.fits",
    )
    .action(async (files: string[], options: InfoOptions) => {
      const { runInfo } = await import("./fits/info.js");
      runInfo(cli, files, options.stats ?? false);
    });

  fits
    .command("header")
    .summary("print header cards")
    .description("Print header cards as they stand in the file, or chosen keywords.")
    .argument("<files...>", "FITS files; file.fits[EXT], [EXT,version] or [n] for one HDU")
    .option("-k, --keyword <name...>", "only these keywords; * stands for any characters")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris fits header raw/0001.fits[0]\n  $ iris fits header raw/*.fits -k OBJECT -k 'CRVAL*'",
    )
    .action(async (files: string[], options: HeaderOptions) => {
      const { runHeader } = await import("./fits/header.js");
      runHeader(cli, files, options);
    });

  fits
    .command("stats")
    .summary("statistics of images")
    .description("Statistics of images or of sections of them, after scaling; NaN pixels are counted apart.")
    .argument("<files...>", "FITS files; file.fits[EXT][x1:x2,y1:y2] for one HDU or a section")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris fits stats reduced/0001_cal.fits\n  $ iris fits stats 'raw/0001.fits[SCI][101:200,*]' --json",
    )
    .action(async (files: string[]) => {
      const { runStats } = await import("./fits/stats.js");
      runStats(cli, files);
    });
}
