/** `iris look`: a picture of an image, without a display. */
import { InvalidArgumentError, Option } from "commander";
import { colorMaps } from "../../report/colormap.js";
import { collapses } from "../../report/draw.js";
import { stretches } from "../../report/stretch.js";
import type { Cli } from "../cli.js";
import type { LookOptions } from "./look/wishes.js";
import { collect } from "../run-flags.js";

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number ≥ 1.");
  return value;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

export function register(cli: Cli): void {
  cli.program
    .command("look")
    .summary("draw a PNG quicklook of an image")
    .description(
      "Draw a PNG of each image into the working folder, as NAME.png. Large images are averaged in blocks, small ones\n" +
        "magnified; pixels without a good value are dark red; of raw reads the last minus the first is drawn.\n" +
        "Prints the names of the pictures.",
    )
    .argument("<files...>", "FITS files or patterns; file.fits[EXT] for one HDU instead of the science image")
    .option("-o, --output <png>", "name of the picture; - for stdout; only with one file")
    .addOption(
      new Option("--stretch <curve>", "from value to brightness").choices([...stretches]).default("asinh"),
    )
    .addOption(new Option("--map <colours>", "colour map").choices([...colorMaps]).default("night"))
    .option("--size <pixels>", "longest side of the picture", count, 1024)
    .option("--invert", "bright sources dark")
    .option("--low <value>", "value drawn black (default: zscale)", number)
    .option(
      "--high <value>",
      "value drawn white (default: the brightest, or zscale when linear or power)",
      number,
    )
    .option("--plane <n>", "plane of a cube or ramp, from 1", count)
    .addOption(new Option("--collapse <how>", "make one plane of a cube").choices([...collapses]))
    .option("--channels <first:last>", "planes that are collapsed, from 1 (default: all)")
    .option("--smooth <kind:width>", "boxcar:3 or gaussian:1.5, pixels, for the picture only")
    .option("--catalog <file>", "circle the sources of a table: ra, dec, or x, y from 0 (CSV, ECSV, FITS)")
    .option("--radius <pixels>", "of the circles, in pixels of the image", number)
    .option("--cut <line>", "row=N, column=N, diagonal or x1,y1,x2,y2: plotted, and as CSV", collect, [])
    .option("--histogram", "plot how often each value occurs")
    .option(
      "--section <x1:x2,y1:y2>",
      "draw only this part, as large as there is room; columns and rows from 1",
    )
    .option("--flags <names>", "paint pixels with these flags: OUTLIER,SATURATED, or any")
    .option("--contours <n>", "so many lines of equal value, or their values: 10,20,50")
    .option("--surface", "the values as a landscape, below the picture")
    .option("--centroid <x,y>", "fit the star near this place, pixels from 1; may be repeated", collect, [])
    .option("--region <x1:x2,y1:y2>", "rectangle to measure, from 1; may be repeated", collect, [])
    .option(
      "--spectrum <x1:x2,y1:y2>",
      "plot the sum of a rectangle of a cube by channel, and as CSV",
      collect,
      [],
    )
    .option("--smooth-spectrum <kind:width>", "boxcar:3 or gaussian:1.5, channels, for the plot only")
    .option("--stats", "statistics of the regions, or of the whole image, as NAME_stats.json")
    .option("--layout", "all files, or all SCI of a file, in one picture as they lie on the sky")
    .option("--open <program>", "show the pictures in this program, such as xdg-open or eog")
    .option("-f, --force", "overwrite a picture that iris didn't write")
    .addHelpText(
      "after",
      "\nExamples:\n  $ iris look reduced/0001_cal.fits\n  $ iris look 'raw/0001.fits[SCI]' --plane 3 --stretch linear --size 512 -o read3.png\n  $ iris look reduced/0001_cal.fits --catalog stars.csv --cut row=128 --histogram --region 100:200,50:80\n" +
        "  $ iris look reduced/0001_cal.fits --section 80:180,60:160 --contours 8 --surface --centroid 120,85",
    )
    .action(async (files: string[], options: LookOptions) => {
      const { runLook } = await import("./look/write.js");
      await runLook(cli, files, options);
    });
}
