/** Ramps and their references for timing: seconds to make, with the noise, hits and reference pixels of a real detector. */
import { createFits, type Card, type HduSpec } from "../../src/fits/index.js";

/** e⁻/DN, DN of one read, seconds between reads. */
export const detector = { gain: 1.8, noise: 6, tframe: 1.5 };
/** Hits per pixel and read. */
const HITS = 3e-4;
const BORDER = 4;
const FULL = 52_000;

const cards: Card[] = Object.entries({
  NINTS: 1,
  NFRAMES: 1,
  GROUPGAP: 0,
  TFRAME: detector.tframe,
  TGROUP: detector.tframe,
  EXPTIME: 60,
  GAIN: detector.gain,
  READNOIS: detector.gain * detector.noise,
  SUBARRAY: "FULL",
  IMTYPE: "SCI",
}).map(([keyword, value]) => ({ keyword, value }));

/** xorshift32: as good as noise has to be here. */
function bits(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Normal numbers to be taken in any order. */
function normals(random: () => number): Float32Array {
  return Float32Array.from({ length: 65536 }, () => {
    const u = (random() + 1) / 4294967297;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos((2 * Math.PI * random()) / 4294967296);
  });
}

/** A file of planes [count][side][side] in an extension SCI; `fill` gives each plane's big-endian bytes. */
function writePlanes(
  path: string,
  side: number,
  spec: Partial<HduSpec>,
  fill: (z: number) => Uint8Array,
): void {
  const science = { name: "SCI", bitpix: 16, axes: [side, side], cards: [], ...spec } as HduSpec & {
    axes: number[];
  };
  const writer = createFits(path, [{ bitpix: 8, axes: [], cards }, science]);
  try {
    const { dataStart } = writer.layout.hdus[1]!;
    const count = science.axes.slice(2).reduce((a, b) => a * b, 1);
    for (let z = 0, at = dataStart; z < count; z++) {
      const bytes = fill(z);
      writer.write(at, bytes);
      at += bytes.length;
    }
    writer.finish({ datasums: [0, null] });
  } catch (error) {
    writer.abort();
    throw error;
  }
}

/** A raw ramp, uint16: 0.5 to 100 e⁻/s, two pixels of a thousand 300 times brighter, offsets that drift from read to read. */
export function makeRamp(
  path: string,
  { side, reads, seed }: { side: number; reads: number; seed: number },
): void {
  const random = bits(seed);
  const table = normals(random);
  const n = side * side;
  const signal = new Float32Array(n);
  const perRead = new Float32Array(n);
  for (let y = 0, i = 0; y < side; y++)
    for (let x = 0; x < side; x++, i++) {
      if (Math.min(x, y, side - 1 - x, side - 1 - y) < BORDER) continue;
      const bright = random() < 2e-3 * 4294967296 ? 300 : 1;
      perRead[i] = 10 ** (-0.3 + (2.3 * random()) / 4294967296) * bright * detector.tframe;
    }
  const bytes = new Uint8Array(2 * n);
  writePlanes(path, side, { bitpix: 16, unsigned: true, axes: [side, side, reads, 1] }, () => {
    const drift = 1000 + 3 * table[random() & 65535]!;
    for (let i = 0; i < n; i++) {
      const word = random();
      const rate = perRead[i]!;
      if (rate > 0) {
        signal[i]! += Math.max(0, rate + Math.sqrt(rate) * table[word & 65535]!);
        if (word < HITS * 4294967296) signal[i]! += 400 * Math.exp(1.2 * table[(word * 7) & 65535]!);
      }
      const level =
        Math.min(signal[i]! / detector.gain, FULL) + detector.noise * table[(word >>> 16) ^ (i & 255)]!;
      // BZERO 32768 flips the highest bit
      const sample = Math.round(level + drift) ^ 0x8000;
      bytes[2 * i] = sample >> 8;
      bytes[2 * i + 1] = sample;
    }
    return bytes;
  });
}

/** A reference whose planes hold `value(z)` with a little of each pixel's own. */
export function makeReference(
  path: string,
  side: number,
  planes: number,
  value: (z: number) => number,
): void {
  const table = normals(bits(planes + 17));
  const bytes = new Uint8Array(4 * side * side);
  const view = new DataView(bytes.buffer);
  writePlanes(path, side, { bitpix: -32, axes: [side, side, planes] }, (z) => {
    const middle = value(z);
    for (let i = 0; i < side * side; i++)
      view.setFloat32(4 * i, middle * (1 + 0.001 * table[(i + 977 * z) & 65535]!));
    return bytes;
  });
}
