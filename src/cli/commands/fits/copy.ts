/** `iris fits copy|pack|unpack`: the same data stored another way. */
import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  packedPieces,
  sectionPieces,
  unpackedPieces,
  writePieces,
  type PackOptions,
  type Piece,
} from "../../../fits/index.js";
import { FitsError, OutputError, UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { eachFile, type Opened } from "./files.js";

export interface CopyArguments {
  output?: string;
  force?: boolean;
}

function write(cli: Cli, opened: Opened, path: string, force: boolean, pieces: Iterable<Piece>): void {
  if (existsSync(path) && (!force || path === opened.file.path)) {
    throw new OutputError(`cannot write: ${path} — it exists`, {
      hint: "choose another name, or give --force",
    });
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw new OutputError(`cannot make the folder: ${dirname(path)} — ${(cause as Error).message}`, {
      cause,
    });
  }
  writePieces(path, pieces);
  if (cli.json) cli.out(JSON.stringify({ v: 1, input: opened.given, output: path }));
  else if (!cli.quiet) cli.err(`${opened.given} → ${path}`);
}

export function runCopy(cli: Cli, input: string, output: string, options: CopyArguments): void {
  eachFile(cli, [input], (opened) => {
    const { file, hdu, section } = opened;
    if (section && !hdu && file.hdus.length > 1) {
      throw new UsageError(`which HDU? ${input} — a section needs one`, {
        hint: `iris fits copy '${file.path}[1][1:100,1:50]' out.fits; iris fits info lists the HDUs`,
      });
    }
    const pieces = section
      ? sectionPieces(file, hdu ?? file.hdus[0]!, section)
      : unpackedPieces(file, hdu ? [hdu] : file.hdus);
    write(cli, opened, resolve(cli.host.cwd, output), options.force ?? false, pieces);
  });
}

const outputFor = (
  cli: Cli,
  given: string,
  options: CopyArguments,
  name: (file: string) => string,
): string =>
  options.output === undefined
    ? resolve(cli.host.cwd, name(given))
    : join(resolve(cli.host.cwd, options.output), name(basename(given)));

export interface PackArguments extends CopyArguments {
  algorithm?: string;
  quantise?: string;
  dither?: string;
  seed?: string;
  tile?: string;
  scale?: string;
  smooth?: boolean;
  nullMask?: boolean;
}

const algorithms = {
  rice: "RICE_1",
  gzip: "GZIP_1",
  gzip2: "GZIP_2",
  hcompress: "HCOMPRESS_1",
  plio: "PLIO_1",
  none: "NOCOMPRESS",
} as const;
const dithers = { "0": "NO_DITHER", "1": "SUBTRACTIVE_DITHER_1", "2": "SUBTRACTIVE_DITHER_2" } as const;

const hint = "iris fits pack --help";

/** "100,100" as [100, 100]; a 0 stands for the whole axis. */
function tileShape(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(,\d+)*$/.test(text)) {
    throw new UsageError(`cannot understand --tile ${text} — lengths along each axis are wanted: 100,100`, {
      hint,
    });
  }
  return text.split(",").map(Number);
}

/** fpack's defaults: Rice, floats in steps of a quarter of their noise, dithered. */
function packOptions({
  algorithm = "rice",
  quantise = "4",
  dither = "1",
  seed = "1",
  tile,
  scale = "0",
  smooth = false,
  nullMask = false,
}: PackArguments): PackOptions {
  const level = Number(quantise);
  const number = Number(seed);
  const lost = Number(scale);
  if (!Number.isFinite(level))
    throw new UsageError(`cannot understand --quantise ${quantise} — a number is wanted`, { hint });
  if (!Number.isInteger(number) || number < 1 || number > 10000) {
    throw new UsageError(`cannot understand --seed ${seed} — 1 to 10000 are possible`, { hint });
  }
  if (!Number.isInteger(lost) || lost < 0 || lost > 2 ** 30) {
    throw new UsageError(`cannot understand --scale ${scale} — a whole number is wanted`, { hint });
  }
  const shape = tileShape(tile);
  const method = dithers[dither as keyof typeof dithers];
  return {
    algorithm: algorithms[algorithm as keyof typeof algorithms],
    quantise: level === 0 ? null : { level, dither: method, seed: number, mask: nullMask },
    ...(shape ? { tile: shape } : {}),
    hcompress: { scale: lost, smooth },
  };
}

export function runPack(cli: Cli, files: readonly string[], options: PackArguments): void {
  const pack = packOptions(options);
  eachFile(cli, files, (opened) => {
    const { file, given } = opened;
    if (!file.hdus.some((hdu) => hdu.image && !hdu.tiles && !hdu.image.axes.includes(0))) {
      throw new FitsError(`cannot pack: ${file.path} — it has no image that isn't packed`, {
        hint: `iris fits info ${given}`,
      });
    }
    const path = outputFor(cli, given, options, (name) => `${name}.fz`);
    write(cli, opened, path, options.force ?? false, packedPieces(file, pack));
  });
}

const unpackedName = (given: string): string => {
  const plain = given.replace(/\.(fz|gz|bz2|Z)$/i, "");
  return plain === given ? given.replace(/(\.fits?)?$/i, "_unpacked$1") : plain;
};

export function runUnpack(cli: Cli, files: readonly string[], options: CopyArguments): void {
  eachFile(cli, files, (opened) => {
    const path = outputFor(cli, opened.given, options, unpackedName);
    write(cli, opened, path, options.force ?? false, unpackedPieces(opened.file));
  });
}
