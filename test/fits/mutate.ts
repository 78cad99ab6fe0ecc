/** Files to break, and ways to break them: the same case for the same number, so that any can be run again. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  openFits,
  packedPieces,
  writeFits,
  writePieces,
  type PackAlgorithm,
  type PackOptions,
} from "../../src/fits/index.js";
import { packageRoot } from "../../src/package.js";

/** Numbers in [0, 1) from one seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const algorithms: readonly PackAlgorithm[] = [
  ...(["RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1", "PLIO_1", "NOCOMPRESS"] as const),
];

/** Small files of every kind, made in `folder`. */
function ownSeeds(folder: string): Buffer[] {
  const plain = join(folder, "plain.fits");
  const wavy = (i: number): number => 100 + ((i * 7919) % 37);
  writeFits(plain, [
    {
      data: Uint16Array.from({ length: 64 }, (_, i) => wavy(i)),
      shape: [8, 8],
      cards: [{ keyword: "LONG", value: "x".repeat(150) }],
    },
    {
      type: "bintable",
      name: "T",
      columns: [
        { name: "V", data: [Int32Array.of(1, 2), Int32Array.of(3)] },
        { name: "S", data: ["abc", "d"] },
        { name: "L", data: [true, null] },
        { name: "F", data: Float64Array.of(1, 2), scaled: { bits: 16, scale: 0.5 } },
      ],
    },
    { name: "F", data: Float32Array.from({ length: 256 }, (_, i) => wavy(i) / 3), shape: [16, 16] },
  ]);
  const seeds = [readFileSync(plain)];
  const quantise = { level: 4, dither: "SUBTRACTIVE_DITHER_2", seed: 1, mask: true } as const;
  for (const algorithm of algorithms) {
    const options: PackOptions = {
      algorithm,
      quantise,
      tile: algorithm === "HCOMPRESS_1" ? [8, 8] : [16, 2],
    };
    const file = openFits(plain);
    const packed = join(folder, `${algorithm}.fits`);
    writePieces(packed, packedPieces(file, options));
    file.close();
    seeds.push(readFileSync(packed));
  }
  seeds.push(gzipSync(seeds[0]!));
  return seeds;
}

/** Real files that are small enough to be read a hundred thousand times; none where they aren't at hand. */
function realSeeds(most: number): Buffer[] {
  const root = join(packageRoot, "..", "shared", "data", "fits");
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => join(root, name))
    .filter((path) => /\.(fits?|fz|fts|gz|Z|bz2)$/i.test(path) && statSync(path).isFile())
    .filter((path) => statSync(path).size <= most)
    .sort()
    .map((path) => readFileSync(path));
}

export const makeSeeds = (folder: string, mostReal = 60_000): Buffer[] => [
  ...ownSeeds(folder),
  ...realSeeds(mostReal),
];

/** What a number in a header may become: limits of types, nothing, nonsense. */
const values = [
  ...["-1", "0", "1", "2", "3", "255", "999", "1000", "32767", "65535", "65536", "1000000", "2147483647"],
  ...["2147483648", "4294967296", "9223372036854775807", "1E30", "1D300", "-1.5", "NaN", "T", "F", "", "'A'"],
  ...["'1PB(9)'", "'999999999J'", "'1QD'", "'0A'", "'RICE_1'", "'GZIP_2'", "'HCOMPRESS_1'", "'PLIO_1'"],
];

type Random = () => number;

const below = (random: Random, n: number): number => Math.floor(random() * n);

function setValue(bytes: Buffer, random: Random): void {
  const cards = Math.floor(Math.min(bytes.length, 28800) / 80);
  for (let tries = 0; tries < 20; tries++) {
    const at = 80 * below(random, cards);
    if (bytes.toString("latin1", at + 8, at + 10) !== "= ") continue;
    bytes.write(values[below(random, values.length)]!.padStart(20).padEnd(70), at + 10, "latin1");
    return;
  }
}

/** A copy of `seed` with one to eight things changed. */
export function mutate(seed: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(seed);
  for (let left = 1 + below(random, 8); left > 0 && bytes.length > 0; left--) {
    const at = below(random, bytes.length);
    const kind = below(random, 8);
    if (kind < 3) bytes[at] = below(random, 256);
    else if (kind < 6) setValue(bytes, random);
    else if (kind === 6) {
      // A card or some bytes over others.
      const from = below(random, bytes.length);
      const step = random() < 0.5 ? 80 : 1;
      bytes.copyWithin(at - (at % step), from - (from % step), from - (from % step) + 80);
    } else if (random() < 0.3) bytes = bytes.subarray(0, at);
    else bytes.fill(below(random, 256), at, Math.min(bytes.length, at + below(random, 300)));
  }
  return bytes;
}
