/** The WebAssembly SIMD build of src/kernels/wasm over this thread's kernel memory. */
import { wasmBase64 } from "./simd.generated.js";

/** Pointers are byte offsets into the memory. */
export interface Simd {
  decodeInt(
    out: number,
    bytes: number,
    n: number,
    width: number,
    scale: number,
    zero: number,
    hasBlank: number,
    blank: number,
  ): void;
  decodeFloat(out: number, bytes: number, n: number, scale: number, zero: number): void;
  decodeDouble(out: number, bytes: number, n: number, scale: number, zero: number, plain: number): void;
  swapWords(out: number, bytes: number, n: number, shift: number): void;
  widenFlags(out: number, bytes: number, n: number, width: number, shift: number): void;
  encodeWords(bytes: number, values: number, n: number, flip: number): number;
  encodeBytes(bytes: number, values: number, n: number): number;
  hash(bytes: number, n: number): bigint;
  dot16(
    sums: number,
    base: number,
    n: number,
    offsets: number,
    weights: number,
    count: number,
    accumulate: number,
  ): void;
  widenSums(out: number, sums: number, n: number, accumulate: number): void;
  dotF32(out: number, base: number, n: number, offsets: number, weights: number, count: number): number;
  dotI32(
    out: number,
    base: number,
    n: number,
    offsets: number,
    weights: number,
    count: number,
    zero: number,
  ): void;
  orPlanes(out: number, flags: number, n: number, count: number, stride: number, mask: number): number;
  /** sci, err, varP, varR, num, den, cP, cR, m, a, b, d, n, limit. */
  finishRow(...pointers: number[]): number;
  /** err, varP, num, den, cP, cR, m, a, b, d, n, limit, reach, scratch. */
  settleFaint(...pointers: number[]): void;
  /**
   * slope, err, varP, varR, dq, list, kept, first pixel, flags or 0, samples, stride, n, ngroups, gain, readNoise, dark or 0,
   * pixeldq, facts, joint, table, pairs, npairs, scratch.
   */
  optimalClean(...args: number[]): number;
  /**
   * slope, err, varP, varR, dq, list, kept, count, first pixel, flags or 0, groupdq or 0, plane, ngroups, gain, readNoise,
   * dark or 0, pixeldq, facts, suppressOne, table, pairs, npairs, size, scratch.
   */
  optimalFlagged(...args: number[]): void;
  /**
   * rate, info, varP, varR, chisq, suspect, samples, stride, n, count, moments, gain, rho, dark or 0, threshold, pairs,
   * npairs, scratch.
   */
  likelihoodClean(...args: number[]): void;
  /** list, first pixel, flags or 0, samples, stride, n, ngroups, gain, readNoise, nframes, threshold, kept, scratch. */
  jumpScreen(...args: number[]): number;
  /** list, first pixel, flags or 0, samples, stride, n, ngroups, gain, readNoise, nframes, threshold, scratch. */
  jumpWide(...args: number[]): number;
  /**
   * list, count, kept, flags or 0, first pixel, groupdq, plane, ngroups, gain, readNoise, nframes, threshold, pairs,
   * npairs, size, scratch, hits, ratios.
   */
  jumpJudge(...args: number[]): number;
  cdsNoise(
    gainOut: number,
    noiseOut: number,
    gains: number,
    noises: number,
    n: number,
    gain: number,
    noise: number,
    digitising: number,
  ): number;
  /** m, a, b, d, gains or 0, noises or 0, darks or 0, n, gain, noise, digitising, dark, per second, ramps, electrons. */
  detectorRow(...args: number[]): void;
  /** sci, err, varP, varR, dq, pixeldq, flags or 0, gains or 0, noises or 0, n, bits of an unknown gain, of an unknown noise. */
  flagRow(...args: number[]): void;
  /** dq, coefficients, n, planes, bit. */
  flagCoefficients(...args: number[]): number;
  /** sci, err, varP, varR, dq, factors, gain, n (even). */
  scaleRates(...args: number[]): void;
  /** list, flags, n, bits. */
  pixelsWith(...args: number[]): number;
  markSaturated(flags: number, run: number, samples: number, threshold: number, n: number): number;
  /** samples, coefficients, flags or 0, keep, n, planes, bytes between planes. */
  polynomial(...args: number[]): void;
  subtractFinite(samples: number, d: number, n: number): void;
  /** frame, columns, rows, nx, ny, rows first. */
  subtractLevels(...args: number[]): void;
  subtractPlane(sci: number, ref: number, n: number, k: number): void;
  addInQuadrature(err: number, ref: number, n: number, k: number): void;
  orFlags(dq: number, ref: number, n: number): void;
  /** min, max and number of NaN as three float64 at `out`. */
  extremes(out: number, values: number, n: number): void;
  zero(at: number, bytes: number): void;
  /** sci, err, dq, varPoisson, varRnoise (or 0), flat, flatErr, flatDq, n (even), badBits, resetBits, inverse. */
  flatLiger(...pointers: number[]): void;
  sharpness(s: number, a: number, variance: number, nx: number, ny: number): void;
  above(list: number, s: number, t: number, n: number, limit: number): number;
  dilate3(out: number, mask: number, nx: number, ny: number): void;
  /** out, sci, dq, nx, width, height, enough, σ low, σ high, iterations, keys, spare, counts. */
  boxSky(...args: number[]): number;
  /** sci, err, dq, n (a multiple of 16), frames, count, policy, pairs, npairs, scratch. */
  stackFrames(...args: number[]): void;
  /** out, from or 0, four rows of float64, four weights, low, high, n. */
  blendRows(...args: number[]): void;
  /** out, cells, four weights of each, values, bends, n. */
  splineRow(...args: number[]): void;
  smooth(out: number, sci: number, bad: number, nx: number, ny: number, room: number): void;
  runsAbove(runs: number, row: number, n: number, threshold: number): number;
  markNotFinite(bad: number, values: number, n: number): void;
  areFinite(values: number, n: number): number;
  anyBits(words: number, n: number): number;
  /** sums, rings, sci, bad or 0, nx, ny, x, y, width of a ring, outermost radius, offsets, subpixels. */
  fillRings(...args: number[]): number;
  /** out, sci, err or 0, σ, bad or 0, nx, ny, x, y, radius. */
  sumAperture(...args: number[]): void;
  /** JᵀJ, Jᵀ·left, slope, fit, px, py, values, n. */
  starEquations(...args: number[]): number;
  /** out, sci, bad or 0, nx, width, height, enough, values, counts, sample. */
  boxMode(...args: number[]): number;
  /** sum, good, sci, dq or 0, nx, rows, factor, bits of a bad pixel, columns, counts. */
  sumBlocks(...args: number[]): void;
  /** out, lines, stride, n, taken, count, pairs, npairs, size, scratch. */
  runningMedians(...args: number[]): void;
  medianLine(out: number, a: number, n: number, step: number, taps: number): void;
  /** out, packed, bytes, pixels, bytes per pixel, pixels per block, scratch; see decodeRice. */
  riceDecode(...args: number[]): number;
}

// lib.dom isn't loaded: the part of the WebAssembly namespace that is used here
interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};

export const pageSize = 65536;

/** Shared, so that growing never detaches a view; 4 GiB of addresses, backed by nothing until touched. */
export function makeMemory(): { memory: SharedMemory; simd: Simd } {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const module = new WebAssembly.Module(Buffer.from(wasmBase64, "base64"));
  const { exports } = new WebAssembly.Instance(module, {
    // those of JavaScript: V8 calls them straight, and twins agree to the last bit
    env: { memory, "Math.exp": Math.exp, "Math.asin": Math.asin },
  });
  return { memory, simd: exports as Simd };
}
