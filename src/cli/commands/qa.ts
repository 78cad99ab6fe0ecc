/** `iris qa`: how good images are, at a glance. */
import type { Cli } from "../cli.js";
import { collect } from "../run-flags.js";
import type { QaOptions } from "./qa/run.js";

export function register(cli: Cli): void {
  cli.program
    .command("qa")
    .summary("measure images: sources, seeing, sky, depth, bad pixels")
    .description(
      "Measures each image and prints a line for it: number of sources, full width at half maximum of the stars in pixels\n" +
        "and milliarcseconds, ellipticity, background and its scatter, 5 sigma limit (magnitude with a zero point), parts of\n" +
        "bad and saturated pixels. The files stay as they are; the step qa writes the same into the header of a product.",
    )
    .argument("<files...>", "FITS images, patterns, folders, @list, - for stdin")
    .option("-o, --out <dir>", "also write NAME_cat.fits (all sources) and NAME_qa.json there")
    .option("-s, --set <param=value>", "parameter of the step qa; may be repeated", collect, [])
    .option("-f, --force", "overwrite files that iris didn't write")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris qa fixtures/iris_sci_rate.fits\n  $ iris qa fixtures/iris_sci_rate.fits -o quality/ -s nsigma=5 -s radii=2,4,8\n",
    )
    .action(async (files: string[], options: QaOptions) => {
      const { runQa } = await import("./qa/run.js");
      await runQa(cli, files, options);
    });
}
