/** `iris fits`: what is in FITS files, and what can be done to them. */
import { Option, type Command } from "commander";
import type { Cli } from "../cli.js";
import type { CopyArguments, PackArguments } from "./fits/copy.js";
import type { DiffArguments } from "./fits/diff.js";
import type { EditArguments } from "./fits/edit.js";
import type { HeaderOptions } from "./fits/header.js";
import type { ListArguments, TableArguments } from "./fits/list.js";

interface InfoOptions {
  stats?: boolean;
}

export function register(cli: Cli): void {
  const fits = cli.program.command("fits").description("Look into FITS files, and change them.");
  addReaders(cli, fits);
  addEditors(cli, fits);
  addCopiers(cli, fits);
}

/** Options that may be given again. */
const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

const examples = (first: string, second: string): string => `\nExamples:\n  $ ${first}\n  $ ${second}`;

function addReaders(cli: Cli, fits: Command): void {
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
    .option(
      "-k, --keyword <names>",
      "only these keywords, separated by commas; * stands for any characters",
      collect,
    )
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

  fits
    .command("ls")
    .summary("list files by their keywords: the night log")
    .description(
      "List files with chosen keywords of the primary and the first extension. Folders stand for their FITS files.",
    )
    .argument("[files...]", "FITS files or folders; the current one when none is given")
    .option(
      "-k, --keyword <names>",
      "columns, separated by commas; default DATE-OBS,OBJECT,OBSTYPE,FILTER,EXPTIME",
      collect,
    )
    .option("-w, --where <condition>", "only files for which it holds: EXPTIME > 30 and OBJECT ~ 'M*'")
    .option("-g, --group <names>", "count files by these keywords, separated by commas")
    .option("--csv", "comma-separated values")
    .addHelpText(
      "after",
      examples(
        "iris fits ls raw/ -k OBJECT -k EXPTIME",
        `iris fits ls raw/ --where "FILTER == 'K'" --group OBSTYPE`,
      ),
    )
    .action(async (files: string[], options: ListArguments) => {
      const { runLs } = await import("./fits/list.js");
      runLs(cli, files, options);
    });

  fits
    .command("table")
    .summary("print rows of a table")
    .description("Print rows of a table; the first table of the file unless an HDU is named.")
    .argument("<file>", "FITS file; file.fits[EXT] for one HDU")
    .option("-c, --columns <names>", "only these columns, separated by commas")
    .option("-r, --rows <first:last>", "only these rows, counted from 1")
    .option("--csv", "comma-separated values")
    .addHelpText(
      "after",
      examples(
        "iris fits table catalog.fits -r 1:10",
        "iris fits table 'catalog.fits[STARS]' -c RA,DEC --csv",
      ),
    )
    .action(async (file: string, options: TableArguments) => {
      const { runTable } = await import("./fits/list.js");
      runTable(cli, file, options);
    });

  fits
    .command("verify")
    .summary("check files against the standard")
    .description("Check files against FITS 4.0. Exit 0: no errors; 1: errors; 2: a file can't be read.")
    .argument("<files...>", "FITS files")
    .option("--strict", "warnings count as errors")
    .addHelpText(
      "after",
      examples("iris fits verify reduced/*.fits", "iris fits verify --json raw/0001.fits"),
    )
    .action(async (files: string[], options: { strict?: boolean }) => {
      const { runVerify } = await import("./fits/verify.js");
      runVerify(cli, files, options.strict ?? false);
    });

  fits
    .command("diff")
    .summary("compare headers and data of two files")
    .description(
      "Compare two files: keywords, pixel statistics, columns. Exit 0: the same; 1: different; 2: trouble.",
    )
    .argument("<first>", "FITS file")
    .argument("<second>", "FITS file")
    .option(
      "-t, --tol <tolerance>",
      "[HDU=]NUMBER[r]: differences up to this don't count; r: relative; repeat it",
      collect,
    )
    .option(
      "-i, --ignore <keywords>",
      "keywords that don't count, separated by commas; * stands for any characters",
      collect,
    )
    .addHelpText(
      "after",
      examples(
        "iris fits diff a.fits b.fits",
        "iris fits diff a.fits b.fits --tol SCI=1e-6r --ignore DATE,HISTORY",
      ),
    )
    .action(async (first: string, second: string, options: DiffArguments) => {
      const { runDiff } = await import("./fits/diff.js");
      runDiff(cli, first, second, options);
    });
}

function addEditors(cli: Cli, fits: Command): void {
  fits
    .command("set")
    .summary("set header keywords")
    .description(
      "Set keywords of the primary header, or of the HDU named; HISTORY says what was there before.",
    )
    .argument("<files...>", "FITS files; file.fits[EXT] for another header than the primary")
    .option("-k, --keyword <KEY=value>", "what to set (repeat it); a comment may follow after ' / '", collect)
    .option("--from <file>", "a line KEY=value for each keyword")
    .option("--no-history", "leave HISTORY alone")
    .addHelpText(
      "after",
      examples(
        "iris fits set raw/0001.fits -k OBJECT='M 31'",
        "iris fits set raw/*.fits --from corrections.txt",
      ),
    )
    .action(async (files: string[], options: EditArguments) => {
      const { runSet } = await import("./fits/edit.js");
      runSet(cli, files, options);
    });

  fits
    .command("del")
    .summary("delete header keywords")
    .description("Delete keywords of the primary header, or of the HDU named; HISTORY says what was there.")
    .argument("<files...>", "FITS files; file.fits[EXT] for another header than the primary")
    .option("-k, --keyword <name>", "what to delete (repeat it); * stands for any characters", collect)
    .option("--from <file>", "a line for each keyword")
    .option("--no-history", "leave HISTORY alone")
    .addHelpText(
      "after",
      examples("iris fits del raw/0001.fits -k TEMP", "iris fits del 'raw/0001.fits[SCI]' -k 'WAT*'"),
    )
    .action(async (files: string[], options: EditArguments) => {
      const { runDel } = await import("./fits/edit.js");
      runDel(cli, files, options);
    });

  fits
    .command("checksum")
    .summary("write CHECKSUM and DATASUM")
    .description("Write CHECKSUM and DATASUM into every header; iris fits verify tests them.")
    .argument("<files...>", "FITS files")
    .addHelpText(
      "after",
      examples("iris fits checksum reduced/0001_cal.fits", "iris fits checksum reduced/*.fits"),
    )
    .action(async (files: string[]) => {
      const { runChecksum } = await import("./fits/edit.js");
      runChecksum(cli, files);
    });
}

function addCopiers(cli: Cli, fits: Command): void {
  const force = (): Option => new Option("-f, --force", "write over what is there");

  fits
    .command("copy")
    .summary("copy a file, an HDU or a section, unpacked")
    .description("Copy a file, one HDU or a section of an image into a plain FITS file.")
    .argument("<input>", "FITS file; file.fits[EXT][x1:x2,y1:y2] for a part")
    .argument("<output>", "file to write")
    .addOption(force())
    .addHelpText(
      "after",
      examples(
        "iris fits copy raw/0001.fits.gz 0001.fits",
        "iris fits copy 'raw/0001.fits[SCI][101:200,1:50]' cut.fits",
      ),
    )
    .action(async (input: string, output: string, options: CopyArguments) => {
      const { runCopy } = await import("./fits/copy.js");
      runCopy(cli, input, output, options);
    });

  fits
    .command("pack")
    .summary("compress images tile by tile (.fz)")
    .description(
      "Compress images tile by tile into FILE.fz. Integers keep every bit; floats lose a part of their noise unless --quantise 0.",
    )
    .argument("<files...>", "FITS files")
    .addOption(
      new Option("-a, --algorithm <name>", "how")
        .choices(["rice", "gzip", "gzip2", "hcompress", "plio", "none"])
        .default("rice"),
    )
    .option("--quantise <level>", "steps per standard deviation of a float image's noise; 0: lossless", "4")
    .addOption(
      new Option("--dither <method>", "subtractive dithering of floats")
        .choices(["0", "1", "2"])
        .default("1"),
    )
    .option("--seed <n>", "where dithering starts, 1 to 10000", "1")
    .option("-t, --tile <lengths>", "of a tile along each axis, as in 100,100; 0: whole axis; default: rows")
    .option("--scale <n>", "hcompress: what coefficients are divided by; 0: lossless", "0")
    .option("--smooth", "hcompress: readers are to smooth what --scale lost")
    .option("--null-mask", "NaN pixels of floats in masks (ZMASKCMP) instead of one value (ZBLANK)")
    .option("-o, --output <folder>", "write there instead of beside the file")
    .addOption(force())
    .addHelpText(
      "after",
      examples(
        "iris fits pack raw/*.fits",
        "iris fits pack -a gzip2 --quantise 0 reduced/0001_cal.fits -o packed/",
      ),
    )
    .action(async (files: string[], options: PackArguments) => {
      const { runPack } = await import("./fits/copy.js");
      runPack(cli, files, options);
    });

  fits
    .command("unpack")
    .summary("undo pack, fpack, gzip, compress, bzip2")
    .description("Write plain files from tile-compressed ones and from .gz, .Z and .bz2 files.")
    .argument("<files...>", "FITS files")
    .option("-o, --output <folder>", "write there instead of beside the file")
    .addOption(force())
    .addHelpText(
      "after",
      examples("iris fits unpack raw/*.fits.fz", "iris fits unpack 0001.fits.bz2 -o plain/"),
    )
    .action(async (files: string[], options: CopyArguments) => {
      const { runUnpack } = await import("./fits/copy.js");
      runUnpack(cli, files, options);
    });
}
