/** Draws the files of `iris look`, writes the pictures and the numbers beside them. */
import { relative, resolve } from "node:path";
import { readTableReference } from "../../../engine/reference-source.js";
import { UsageError } from "../../../errors.js";
import type { Hdu } from "../../../fits/index.js";
import { drawHdu, scienceHdu, type Shown } from "../../../report/draw.js";
import type { Picture } from "../../../report/quicklook.js";
import { drawSheet, type Sheet } from "../../../report/sheet.js";
import type { Cli } from "../../cli.js";
import { eachFile, formatColumns, matching, short } from "../fits/files.js";
import { arrange } from "./arrange.js";
import { csvOf, measureFrame, plotsOf, wantsFrame, type Catalog, type Measured } from "./measured.js";
import { pictureName, writeNumbers, writePicture } from "./outputs.js";
import { spectrumCsv } from "./spectra.js";
import { contoursOf, rangeOf, shownOf, type LookOptions } from "./wishes.js";

/** A frame that was looked at, and where it came from. */
interface Looked {
  input: string;
  hdu: string;
  index: number;
  shown: Shown;
  measured: Measured | null;
}

interface Run {
  cli: Cli;
  options: LookOptions;
  catalog: Catalog | null;
  written: string[];
  rows: object[];
}

export async function runLook(cli: Cli, words: readonly string[], options: LookOptions): Promise<void> {
  const files = words.flatMap((word) => matching(word, cli.host.cwd));
  if (options.output !== undefined && files.length > 1 && !options.layout)
    throw new UsageError(`-o names one picture: ${String(files.length)} files were given`, {
      hint: "leave -o out: each picture is named after its file; or put them into one with --layout",
    });
  const run: Run = { cli, options, catalog: catalogOf(cli, options), written: [], rows: [] };
  if (options.layout) lookTogether(run, files);
  else lookApart(run, files);
  if (cli.json && options.output !== "-") cli.out(JSON.stringify({ v: 1, type: "look", pictures: run.rows }));
  if (options.open !== undefined && run.written.length > 0) {
    const { openIn } = await import("./open.js");
    await openIn(options.open, run.written, cli.host);
  }
}

function catalogOf({ host }: Cli, { catalog }: LookOptions): Catalog | null {
  const table = catalog === undefined ? undefined : readTableReference(resolve(host.cwd, catalog)).table;
  return table ? { name: catalog!, table } : null;
}

/** A picture for each file. */
function lookApart(run: Run, files: readonly string[]): void {
  const { cli, options, catalog } = run;
  const range = rangeOf(options);
  eachFile(cli, files, ({ given, file, hdu: named }) => {
    const hdu = named ?? scienceHdu(file);
    const shown = shownOf(file, hdu, options);
    const measured = wantsFrame(options) ? measureFrame(file, hdu, shown, options, catalog) : null;
    const picture = measured
      ? sheetOf([measured], options)
      : drawHdu(file, hdu, shown, { ...options, ...(range ? { range } : {}) });
    const looked: Looked = { input: given, hdu: hdu.name, index: hdu.index, shown, measured };
    give(run, [looked], picture, options.output ?? `${pictureName(file.path, named)}.png`);
  });
}

/** All files, each on its place, in one picture. */
function lookTogether(run: Run, files: readonly string[]): void {
  const { cli, options, catalog } = run;
  const all: Looked[] = [];
  eachFile(cli, files, ({ given, file, hdu: named }) => {
    const science = (hdu: Hdu): boolean =>
      (hdu.image?.axes.length ?? 0) >= 2 && ["SCI", "DATA"].includes(hdu.name.toUpperCase());
    const own = file.hdus.filter(science);
    for (const hdu of named ? [named] : own.length > 0 ? own : [scienceHdu(file)]) {
      const shown = shownOf(file, hdu, options);
      const measured = measureFrame(file, hdu, shown, options, catalog);
      all.push({ input: given, hdu: hdu.name, index: hdu.index, shown, measured });
    }
  });
  if (all.length === 0) return;
  const frames = all.map(({ measured }) => measured!);
  const cells = arrange(frames.map(({ header, tile: { frame } }) => ({ ...frame, header })));
  frames.forEach((measured, k) => {
    const { header } = measured;
    const label = String(header["DETECTOR"] ?? header["EXTVER"] ?? k + 1);
    measured.tile = { ...measured.tile, ...cells[k]!, label };
  });
  give(run, all, sheetOf(frames, options), options.output ?? "layout.png");
}

function sheetOf(all: readonly Measured[], options: LookOptions): Sheet {
  const range = rangeOf(options);
  const { invert = false, radius = null, histogram = false, surface = false } = options;
  return drawSheet(
    all.map(({ tile }) => tile),
    { ...options, invert, radius, surface, contours: contoursOf(options), ...(range ? { range } : {}) },
    (drawn) => plotsOf(all, histogram, drawn),
  );
}

/** Writes the picture and its numbers, and says so. */
function give(run: Run, looked: readonly Looked[], picture: Picture, output: string): void {
  const { cli, options, written } = run;
  const { cwd } = cli.host;
  const force = options.force ?? false;
  const path = resolve(cwd, output);
  if (output === "-") cli.host.stdout.write(picture.png);
  else {
    writePicture(path, picture.png, force);
    written.push(path);
  }
  const stem = output === "-" ? "look" : path.replace(/\.png$/i, "");
  const numbers: string[] = [];
  const write = (ending: string, text: string): void => {
    writeNumbers(`${stem}_${ending}`, text, force);
    numbers.push(relative(cwd, `${stem}_${ending}`));
  };
  looked.forEach(({ measured }, k) => {
    const which = looked.length > 1 ? `${String(k + 1)}_` : "";
    for (const { cut, values } of measured?.cuts ?? []) write(`${which}${cut.name}.csv`, csvOf(values));
    (measured?.spectra ?? []).forEach((spectrum, n) => {
      write(`${which}spectrum${String(n + 1)}.csv`, spectrumCsv(spectrum));
    });
  });
  const stats = looked.flatMap(({ input, hdu, measured }) =>
    (measured?.stats ?? []).map((row) => ({ input, hdu, ...row })),
  );
  const centroids = looked.flatMap(({ input, hdu, measured }) =>
    (measured?.centroids ?? []).map((row) => ({ input, hdu, ...row })),
  );
  if (stats.length + centroids.length > 0)
    write("stats.json", `${JSON.stringify({ v: 1, type: "look stats", regions: stats, centroids })}\n`);
  if (cli.json) run.rows.push(...looked.map((each) => describe(each, output, picture, numbers)));
  else if (output !== "-") {
    cli.out([relative(cwd, path), ...numbers].join("\n"));
    if (stats.length > 0) cli.out(tableOf(stats));
    if (centroids.length > 0) cli.out(centroidTable(centroids));
  }
}

function tableOf(stats: readonly (Measured["stats"][number] & { input: string })[]): string {
  const titles = [
    ...["file", "region", "area", "sum", "error", "mean", "per arcsec2", "median", "min", "max", "std"],
  ];
  const lines = stats.map(({ input, x1, x2, y1, y2, surface, ...of }) => [
    input,
    `${String(x1)}:${String(x2)},${String(y1)}:${String(y2)}`,
    String(of.area),
    short(of.sum),
    of.error === null ? "–" : short(of.error),
    short(of.mean),
    surface === null ? "–" : short(surface),
    ...[of.median, of.min, of.max, of.std].map(short),
  ]);
  return formatColumns([titles, ...lines], [2, 3, 4, 5, 6, 7, 8, 9, 10]);
}

function centroidTable(stars: readonly (Measured["centroids"][number] & { input: string })[]): string {
  const titles = ["file", "near", "x", "y", "ra", "dec", "peak", "level", "flux", "fwhm"];
  const fixed = (value: number | null, digits: number): string => value?.toFixed(digits) ?? "–";
  const lines = stars.map(({ input, near, x, y, ra, dec, peak, level, flux, major, minor }) => [
    input,
    near.join(","),
    fixed(x, 3),
    fixed(y, 3),
    fixed(ra, 7),
    fixed(dec, 7),
    ...[peak, level, flux].map((value) => (value === null ? "–" : short(value))),
    major === null ? "no star" : `${major.toFixed(2)} x ${minor!.toFixed(2)}`,
  ]);
  return formatColumns([titles, ...lines], [2, 3, 4, 5, 6, 7, 8]);
}

function describe(
  { input, hdu, index, shown, measured }: Looked,
  output: string,
  { width, height, stretch, low, high, ...more }: Picture | Sheet,
  numbers: readonly string[],
): object {
  const what =
    shown === "last - first"
      ? shown
      : "plane" in shown
        ? `plane ${String(shown.plane + 1)}`
        : `${shown.collapse} of ${String(shown.from + 1)}:${String(shown.to)}`;
  const common = { input, hdu, index, shown: what, output, width, height, stretch, low, high };
  if (!measured) return common;
  const { tile, stats, centroids } = measured;
  const contours = "contours" in more ? more.contours : [];
  return { ...common, marked: tile.marks.length, regions: stats, centroids, contours, files: numbers };
}
