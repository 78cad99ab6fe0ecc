/** One exposure in every form in which ramps are stored: two ramps of six reads, 24 × 20 pixels, uint16. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Card, Value } from "../../src/fits/index.js";
import { writeFits } from "../../src/fits/index.js";

export const shape = { nints: 2, ngroups: 6, ny: 20, nx: 24 };
export const tframe = 2;

/** DN of a pixel in a read: a slope by pixel, an offset by ramp, and a scatter that repeats. */
export function valueAt(ramp: number, read: number, y: number, x: number): number {
  const slope = 3 + ((x * 7 + y * 13) % 50);
  const scatter = (x * 31 + y * 17 + read * 41 + ramp * 29) % 11;
  return 1000 + 200 * ramp + slope * (read + 1) + scatter;
}

/** [ramp][read][y][x] */
export function cube(): Uint16Array {
  const { nints, ngroups, ny, nx } = shape;
  return Uint16Array.from({ length: nints * ngroups * ny * nx }, (_, i) =>
    valueAt(
      Math.floor(i / (nx * ny * ngroups)),
      Math.floor(i / (nx * ny)) % ngroups,
      Math.floor(i / nx) % ny,
      i % nx,
    ),
  );
}

export const cards = (values: Readonly<Record<string, Value>>): Card[] =>
  Object.entries(values).map(([keyword, value]) => ({ keyword, value }));

const timing = { NFRAMES: 1, GROUPGAP: 0, TFRAME: tframe, TGROUP: tframe };
const detector = { GAIN: 2, READNOIS: 10 };
const whole = [shape.nints, shape.ngroups, shape.ny, shape.nx];

/** A 4-D array with these primary keywords; INSTRUME among them or not. */
export function writeCube(
  path: string,
  keywords: Readonly<Record<string, Value>> = {},
  data: Uint16Array | Int32Array | Float32Array = cube(),
): string {
  writeFits(path, [
    { cards: cards({ ...timing, ...detector, ...keywords }) },
    { name: "SCI", data, shape: whole },
  ]);
  return path;
}

export function writeGzip(path: string): string {
  const plain = `${path}.plain`;
  writeCube(plain);
  writeFileSync(path, gzipSync(readFileSync(plain)));
  return path;
}

/** Liger's RampModel: DATA (y, x, ramp, read), TIMES (ramp, read). */
export function writeReadFastest(path: string, flagged: readonly number[] = []): string {
  const { nints, ngroups, ny, nx } = shape;
  const samples = Uint16Array.from({ length: ny * nx * nints * ngroups }, (_, i) => {
    const p = Math.floor(i / (nints * ngroups));
    return valueAt(Math.floor(i / ngroups) % nints, i % ngroups, Math.floor(p / nx), p % nx);
  });
  const flags = new Uint16Array(samples.length);
  for (const i of flagged) flags[i] = 1;
  writeFits(path, [
    { cards: cards({ INSTRUME: "Liger", ...detector }) },
    { name: "DATA", data: samples, shape: [ny, nx, nints, ngroups] },
    {
      name: "TIMES",
      data: Float64Array.from({ length: nints * ngroups }, (_, i) => tframe * ((i % ngroups) + 1)),
      shape: [nints, ngroups],
    },
    ...(flagged.length > 0 ? [{ name: "DQ", data: flags, shape: [ny, nx, nints, ngroups] }] : []),
  ]);
  return path;
}

const RESET = 60000 * 86_400e6;

/** One file with one read; numbers from 0 as the observatory counts. */
export function writeRead(
  folder: string,
  ramp: number,
  read: number,
  keywords: Readonly<Record<string, Value>> = {},
  name = `${String(keywords["DET_ID"] ?? "IMG1")}_e${Number(keywords["EXP_NO"] ?? 5)}_r${ramp}_${String(read).padStart(4, "0")}.fits`,
): string {
  const { ny, nx } = shape;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const frame = (tframe * (read + 1)) as number;
  const primary = {
    ...{ TELESCOP: "TMT", INSTRUME: "IRIS", DET_ID: "IMG1", IMTYPE: "SCI", FILTER: "Kbb" },
    ...{ OBS_ID: "o1", EXP_NO: 5, RAMP_NO: ramp, READ_NO: read, COMPLETE: true, EXPTIME: 12 },
    ...{ RST_TIME: RESET, READTIME: RESET + frame * 1e6, FRM_TIME: tframe * 1e6, SARRMODE: "SUB_ARRAY" },
    ...detector,
    ...keywords,
  };
  const data = Uint16Array.from({ length: ny * nx }, (_, p) =>
    valueAt(ramp, read, Math.floor(p / nx), p % nx),
  );
  writeFits(path, [{ cards: cards(primary), data, shape: [ny, nx] }]);
  return path;
}

export function writeReads(folder: string, keywords: Readonly<Record<string, Value>> = {}): string[] {
  const { nints, ngroups } = shape;
  return Array.from({ length: nints * ngroups }, (_, i) =>
    writeRead(folder, Math.floor(i / ngroups), i % ngroups, keywords),
  );
}

/** WFC3/IR IMA of the first ramp: a SCI per read, the newest first, rates since a zeroth read of nothing. */
export function writeIma(
  path: string,
  jumps: readonly { read: number; p: number; flag: number }[] = [],
): string {
  const { ngroups, ny, nx } = shape;
  const hdus = Array.from({ length: ngroups }, (_, i) => {
    const read = ngroups - 1 - i;
    const time = tframe * read;
    const rate = Float32Array.from({ length: ny * nx }, (__, p) => {
      const [y, x] = [Math.floor(p / nx), p % nx];
      return read === 0 ? 0 : (valueAt(0, read, y, x) - valueAt(0, 0, y, x)) / time;
    });
    const dq = new Int16Array(ny * nx);
    for (const jump of jumps) if (jump.read === read) dq[jump.p] = jump.flag;
    return [
      {
        name: "SCI",
        version: i + 1,
        cards: cards({ BUNIT: "ELECTRONS/S", SAMPTIME: time, LTV1: -374, LTV2: -374 }),
        data: rate,
        shape: [ny, nx],
      },
      { name: "DQ", version: i + 1, data: dq, shape: [ny, nx] },
    ];
  });
  writeFits(path, [
    {
      cards: cards({
        ...{ TELESCOP: "HST", INSTRUME: "WFC3", DETECTOR: "IR", FILTER: "F130N", SUBARRAY: true },
        ...{ SUBTYPE: "SQ256SUB", EXPTIME: 10, "DATE-OBS": "2013-03-13", "TIME-OBS": "12:42:48" },
        ...{ READNSEA: 20, READNSEB: 20, READNSEC: 20, READNSED: 20, ROOTNAME: "ibxy07p9q" },
        ...{ DQICORR: "COMPLETE", NLINCORR: "COMPLETE", DARKCORR: "COMPLETE", FLATCORR: "COMPLETE" },
      }),
    },
    ...hdus.flat(),
  ]);
  return path;
}
