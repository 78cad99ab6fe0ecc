/** The image that sources are looked for in, and its runs of pixels above a threshold. */
import { inMemory, simdFor } from "../memory.js";
import { rawF32 } from "../raw.js";

export interface DetectImage {
  nx: number;
  ny: number;
  /** Background subtracted. */
  sci: Float32Array;
  bad: Uint8Array | null;
}

/**
 * Calls `use` with the image convolved with [[1, 2, 1], [2, 4, 2], [1, 2, 1]]/16, nothing beyond the frame; bad pixels
 * give nothing and get −∞. It is forgotten afterwards.
 */
export function withSmoothed<T>(image: DetectImage, use: (smooth: Float32Array) => T): T {
  const { nx, ny, sci, bad } = image;
  const simd = simdFor(sci, bad ?? sci);
  if (!simd) {
    const out = new Float32Array(nx * ny);
    smoothPlain(out, image);
    return use(out);
  }
  return inMemory((memory) => {
    const out = rawF32(memory, nx * ny);
    const room = memory.f32(4 * ((nx + 7) & ~3));
    simd.smooth(out.byteOffset, sci.byteOffset, bad?.byteOffset ?? 0, nx, ny, room.byteOffset);
    return use(out);
  });
}

/** In float32 throughout, as SIMD does it. */
export function smoothPlain(out: Float32Array, { nx, ny, sci, bad }: DetectImage): void {
  const f = Math.fround;
  const rows = [new Float32Array(nx), new Float32Array(nx), new Float32Array(nx)] as const;
  const line = new Float32Array(nx + 2);
  const fillRow = (row: Float32Array, at: number): void => {
    for (let x = 0; x < nx; x++) {
      const v = sci[at + x]!;
      line[x + 1] = v - v === 0 && !(bad !== null && bad[at + x] !== 0) ? v : 0;
    }
    for (let x = 0; x < nx; x++) row[x] = f(line[x]! + 2 * line[x + 1]!) + line[x + 2]!;
  };
  fillRow(rows[1], 0);
  for (let y = 0; y < ny; y++) {
    const [a, b, c] = [rows[y % 3]!, rows[(y + 1) % 3]!, rows[(y + 2) % 3]!];
    const at = y * nx;
    if (y + 1 < ny) fillRow(c, at + nx);
    else c.fill(0);
    for (let x = 0; x < nx; x++)
      out[at + x] = bad !== null && bad[at + x] !== 0 ? -Infinity : f(f(a[x]! + 2 * b[x]!) + c[x]!) / 16;
  }
}

/** Finds the first and last places of the runs of a row above the threshold, as pairs in `runs`; returns how many. */
export type FindRuns = (y: number) => number;

/** Calls `use` with what finds runs, and where it puts them. */
export function withRuns<T>(
  smooth: Float32Array,
  nx: number,
  threshold: number,
  use: (find: FindRuns, runs: Int32Array) => T,
): T {
  const simd = simdFor(smooth, smooth);
  if (!simd) {
    const runs = new Int32Array(nx + 1);
    return use(
      (y) => runsAbovePlain(runs, smooth.subarray(y * nx, (y + 1) * nx), Math.fround(threshold)),
      runs,
    );
  }
  return inMemory((memory) => {
    const bytes = memory.raw(4 * (nx + 1));
    const runs = new Int32Array(bytes.buffer, bytes.byteOffset, nx + 1);
    return use((y) => simd.runsAbove(runs.byteOffset, smooth.byteOffset + 4 * y * nx, nx, threshold), runs);
  });
}

export function runsAbovePlain(runs: Int32Array, row: Float32Array, threshold: number): number {
  const n = row.length;
  let count = 0;
  for (let x = 0; x < n; x++) {
    if (!(row[x]! > threshold)) continue;
    runs[2 * count] = x;
    while (x + 1 < n && row[x + 1]! > threshold) x++;
    runs[2 * count++ + 1] = x;
  }
  return count;
}
