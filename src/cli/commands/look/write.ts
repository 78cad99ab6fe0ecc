/** Draws the files of `iris look` and writes the pictures. */
import { closeSync, openSync, readSync, renameSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { OutputError, UsageError } from "../../../errors.js";
import type { FitsFile, Hdu } from "../../../fits/index.js";
import type { ColorMap } from "../../../report/colormap.js";
import { drawHdu, planesOf, scienceHdu, type Shown } from "../../../report/draw.js";
import { SOFTWARE, type Picture } from "../../../report/quicklook.js";
import type { Stretch } from "../../../report/stretch.js";
import type { Cli } from "../../cli.js";
import { eachFile } from "../fits/files.js";

export interface LookOptions {
  output?: string;
  stretch: Stretch;
  map: ColorMap;
  size: number;
  low?: number;
  high?: number;
  plane?: number;
  open?: string;
  force?: boolean;
}

export async function runLook(cli: Cli, files: readonly string[], options: LookOptions): Promise<void> {
  if (options.output !== undefined && files.length > 1)
    throw new UsageError(`-o names one picture: ${String(files.length)} files were given`, {
      hint: "leave -o out: each picture is named after its file",
    });
  const range = rangeOf(options);
  const rows: object[] = [];
  const written: string[] = [];
  eachFile(cli, files, ({ given, file, hdu: named }) => {
    const hdu = named ?? scienceHdu(file);
    const shown = shownOf(file, hdu, options.plane);
    const picture = drawHdu(file, hdu, shown, { ...options, ...(range ? { range } : {}) });
    const output = options.output ?? `${pictureName(file.path, named)}.png`;
    if (output === "-") cli.host.stdout.write(picture.png);
    else {
      writePicture(resolve(cli.host.cwd, output), picture, options.force ?? false);
      written.push(resolve(cli.host.cwd, output));
    }
    if (cli.json) rows.push(describe(given, hdu, shown, output, picture));
    else if (output !== "-") cli.out(relative(cli.host.cwd, resolve(cli.host.cwd, output)));
  });
  if (cli.json && options.output !== "-") cli.out(JSON.stringify({ v: 1, type: "look", pictures: rows }));
  if (options.open !== undefined && written.length > 0) {
    const { openIn } = await import("./open.js");
    await openIn(options.open, written, cli.host);
  }
}

function rangeOf({ low, high }: LookOptions): { low: number; high: number } | undefined {
  if (low === undefined && high === undefined) return undefined;
  if (low === undefined || high === undefined || !(high > low))
    throw new UsageError("--low and --high go together, and high must be more than low", {
      hint: "iris look FILE --low 0 --high 100",
    });
  return { low, high };
}

function shownOf(file: FitsFile, hdu: Hdu, plane: number | undefined): Shown {
  const planes = planesOf(hdu);
  if (plane === undefined) return planes > 1 ? "last - first" : { plane: 0 };
  if (plane > planes)
    throw new UsageError(`no plane ${String(plane)}: ${file.path} [${hdu.name}] — it has ${String(planes)}`, {
      hint: `iris fits info ${file.path}`,
    });
  return { plane: plane - 1 };
}

/** In the working folder: the file's name without its ending, and the HDU where one was named. */
function pictureName(path: string, named: Hdu | null): string {
  const stem = path
    .replace(/^.*[/\\]/, "")
    .replace(/\.(gz|fz)$/i, "")
    .replace(/\.(fits|fit|fts)$/i, "");
  return named
    ? `${stem}_${named.name.toLowerCase()}${named.version > 1 ? String(named.version) : ""}`
    : stem;
}

function writePicture(path: string, { png }: Picture, force: boolean): void {
  if (!force && isForeign(path))
    throw new OutputError(`picture not written: ${path} — there is a file that iris didn't write`, {
      hint: "choose another name with -o, or overwrite it with --force",
    });
  const temporary = `${path}.tmp-${String(process.pid)}`;
  try {
    writeFileSync(temporary, png);
    renameSync(temporary, path);
  } catch (cause) {
    throw new OutputError(`picture not written: ${path}`, {
      cause,
      hint: "choose a folder that can be written with -o",
    });
  }
}

/** Is there a file without our mark? The mark stands before the pixels. */
function isForeign(path: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    const head = Buffer.alloc(2048);
    const length = readSync(descriptor, head, 0, head.length, 0);
    return !head.subarray(0, length).includes(`Software\0${SOFTWARE}`);
  } finally {
    closeSync(descriptor);
  }
}

function describe(input: string, hdu: Hdu, shown: Shown, output: string, picture: Picture): object {
  const { width, height, stretch, low, high } = picture;
  const what = shown === "last - first" ? shown : `plane ${String(shown.plane + 1)}`;
  return { input, hdu: hdu.name, index: hdu.index, shown: what, output, width, height, stretch, low, high };
}
