/** `iris fits stats`: numbers on images and sections. */
import {
  imageSpread,
  imageStats,
  readImage,
  readSection,
  type FitsFile,
  type Hdu,
} from "../../../fits/index.js";
import { FitsError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { eachFile, formatColumns, short } from "./files.js";

interface Row {
  path: string;
  i: number;
  name: string;
  pixels: number;
  nan: number;
  min: number;
  max: number;
  mean: number;
  median: number;
  std: number;
}

const hasPixels = (hdu: Hdu): boolean => hdu.image !== null && hdu.image.axes.every((n) => n > 0);

function imagesOf(file: FitsFile, one: Hdu | null): Hdu[] {
  if (one) return [one];
  const images = file.hdus.filter(hasPixels);
  if (images.length === 0) throw new FitsError(`cannot take statistics: ${file.path} — it has no image`);
  return images;
}

export function runStats(cli: Cli, files: readonly string[]): void {
  const rows: Row[] = [];
  eachFile(cli, files, ({ given, file, hdu, section }) => {
    for (const each of imagesOf(file, hdu)) {
      const { data } = section ? readSection(file, each, section) : readImage(file, each);
      const { min, max, mean, nan } = imageStats(data);
      rows.push({
        path: given,
        i: each.index,
        name: each.name,
        pixels: data.length,
        nan,
        min,
        max,
        mean,
        ...imageSpread(data, mean),
      });
    }
  });
  if (cli.json) {
    cli.out(JSON.stringify({ v: 1, images: rows }, null, 1));
    return;
  }
  if (rows.length === 0) return;
  const titles = ["file", "#", "name", "pixels", "NaN", "min", "max", "mean", "median", "std"];
  const lines = rows.map(({ path, i, name, pixels, nan, min, max, mean, median, std }) => [
    ...[path, String(i), name, String(pixels), String(nan)],
    ...[min, max, mean, median, std].map(short),
  ]);
  cli.out(formatColumns([titles, ...lines], [1, 3, 4, 5, 6, 7, 8, 9]));
}
