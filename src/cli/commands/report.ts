/** `iris report`: a run as one HTML page. */
import { InvalidArgumentError } from "commander";
import type { Cli } from "../cli.js";
import type { ReportOptions } from "./report/write.js";

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}

export function register(cli: Cli): void {
  cli.program
    .command("report")
    .summary("make one HTML page of a run")
    .description(
      "Makes one self-contained HTML page: images before and after, calibrations and why they were chosen, measurements,\n" +
        "timings, warnings, and the commands to repeat. Everything comes from the products and the ledger beside them.",
    )
    .argument(
      "[products...]",
      "folder of products, products, a ledger.jsonl, or the events that iris reduce --json printed",
      ["."],
    )
    .option("-o, --output <html>", "name of the page; - for stdout", "report.html")
    .option("--title <words>", "title of the page (default: the objects)")
    .option("--size <pixels>", "longest side of a picture, 0 for none (default: by their number)", count)
    .option("--open <program>", "show the page in this program, such as xdg-open or firefox")
    .option("-f, --force", "overwrite a file that iris report didn't write")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris report reduced/ -o report.html\n  $ iris report reduced/*_cal.fits --title 'Last night' --size 256 -o night.html",
    )
    .action(async (words: string[], options: ReportOptions) => {
      const { runReport } = await import("./report/write.js");
      await runReport(cli, words, options);
    });
}
