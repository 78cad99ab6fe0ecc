/** HCOMPRESS: the H-transform of a two-dimensional tile, inverted (White, Postman & Lattanzi; FITS 4.0 §10.4.4). */
import { FitsError } from "../../errors.js";
import { BitReader, readQuadrant } from "./hcompress-bits.js";
import { smoothCoefficients } from "./hcompress-smooth.js";

/** Coefficients are whole numbers below 2⁵³ in doubles: 32-bit pixels overflow 32-bit integers on their way. */
const { floor } = Math;

/** Rounds to a multiple of `unit`, halves up for x ≥ 0 and down below. */
const roundTo = (x: number, unit: number, inverse: number, up: number, down: number): number =>
  floor((x + (x >= 0 ? up : down)) * inverse) * unit;

/** `unit` where that bit of x is set, else 0; `inverse` is 1/unit, a power of two and therefore exact. */
const bitOf = (x: number, unit: number, inverse: number): number => (floor(x * inverse) & 1) * unit;

function interleave(a: Float64Array, base: number, n: number, step: number, tmp: Float64Array): void {
  const half = (n + 1) >> 1;
  for (let i = half; i < n; i++) tmp[i - half] = a[base + i * step]!;
  for (let i = half - 1; i >= 0; i--) a[base + 2 * i * step] = a[base + i * step]!;
  for (let i = 0; i < n - half; i++) a[base + (2 * i + 1) * step] = tmp[i]!;
}

/** One level: quartets of (sum, x, y, cross) become quartets of pixels, the low bits of the rounding restored. */
function invertLevel(
  a: Float64Array,
  nx: number,
  ny: number,
  stride: number,
  bit0: number,
  last: boolean,
): void {
  const bit1 = 2 * bit0;
  const up1 = bit1 / 2;
  const down1 = up1 - 1;
  const up0 = floor(bit0 / 2);
  // On the last pass bit0 is 1: nothing is left to round.
  const down0 = last ? 0 : up0 - 1;
  const share = last ? 0.25 : 0.5;
  const inverse0 = 1 / bit0;
  const inverse1 = 1 / bit1;
  const lower = (h0: number, low1: number): number => (h0 >= 0 ? h0 - low1 : h0 + low1);
  for (let i = 0; i < nx; i += 2) {
    const s0 = i * stride;
    const s1 = s0 + stride;
    const pairX = i + 1 < nx;
    for (let j = 0; j < ny; j += 2) {
      const pairY = j + 1 < ny;
      let h0 = a[s0 + j]!;
      if (pairX && pairY) {
        let hx = roundTo(a[s1 + j]!, bit1, inverse1, up1, down1);
        let hy = roundTo(a[s0 + j + 1]!, bit1, inverse1, up1, down1);
        const hc = roundTo(a[s1 + j + 1]!, bit0, inverse0, up0, down0);
        const low0 = bitOf(hc, bit0, inverse0);
        hx -= hx >= 0 ? low0 : -low0;
        hy -= hy >= 0 ? low0 : -low0;
        const odd = floor(hc * inverse1) + floor(hx * inverse1) + floor(hy * inverse1);
        const low1 = (odd & 1) * bit1;
        if (h0 >= 0) h0 += low0 - low1;
        else h0 += low0 === 0 ? low1 : low0 - low1;
        a[s1 + j + 1] = floor((h0 + hx + hy + hc) * share);
        a[s1 + j] = floor((h0 + hx - hy - hc) * share);
        a[s0 + j + 1] = floor((h0 - hx + hy - hc) * share);
        a[s0 + j] = floor((h0 - hx - hy + hc) * share);
      } else if (pairX) {
        const hx = roundTo(a[s1 + j]!, bit1, inverse1, up1, down1);
        h0 = lower(h0, bitOf(hx, bit1, inverse1));
        a[s1 + j] = floor((h0 + hx) * share);
        a[s0 + j] = floor((h0 - hx) * share);
      } else if (pairY) {
        const hy = roundTo(a[s0 + j + 1]!, bit1, inverse1, up1, down1);
        h0 = lower(h0, bitOf(hy, bit1, inverse1));
        a[s0 + j + 1] = floor((h0 + hy) * share);
        a[s0 + j] = floor((h0 - hy) * share);
      } else a[s0 + j] = floor(h0 * share);
    }
  }
}

function invert(a: Float64Array, nx: number, ny: number, smooth: boolean, scale: number): void {
  const levels = Math.max(0, Math.ceil(Math.log2(Math.max(nx, ny))));
  if (levels === 0) return;
  const tmp = new Float64Array((Math.max(nx, ny) + 1) >> 1);
  let bit0 = 2 ** (levels - 1);
  const bit2 = 4 * bit0;
  a[0] = roundTo(a[0]!, bit2, 1 / bit2, bit2 / 2, bit2 / 2 - 1);
  for (let level = levels - 1; level >= 0; level--) {
    const size = 2 ** level;
    const lx = Math.ceil(nx / size);
    const ly = Math.ceil(ny / size);
    for (let i = 0; i < lx; i++) interleave(a, ny * i, ly, 1, tmp);
    for (let j = 0; j < ly; j++) interleave(a, j, lx, ny, tmp);
    if (smooth) smoothCoefficients(a, lx, ly, ny, scale);
    invertLevel(a, lx, ly, ny, bit0, level === 0);
    bit0 = floor(bit0 / 2);
  }
}

/**
 * Decodes a tile into `out`, row after row.
 *
 * @throws FitsError when the stream isn't HCOMPRESS, is too short, or holds another number of pixels.
 */
export function decodeHcompress(out: Int32Array, packed: Uint8Array, smooth: boolean): void {
  if (packed.length < 25 || packed[0] !== 0xdd || packed[1] !== 0x99) {
    throw new FitsError(`HCOMPRESS: ${packed.length} bytes that don't begin with its mark DD 99`);
  }
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const nx = view.getInt32(2);
  const ny = view.getInt32(6);
  const scale = view.getInt32(10);
  if (nx < 1 || ny < 1 || nx * ny !== out.length) {
    throw new FitsError(`HCOMPRESS: a tile of ${nx}×${ny} pixels where ${out.length} are expected`);
  }
  const planes = packed.subarray(22, 25);
  if (planes.some((n) => n > 52)) throw new FitsError(`HCOMPRESS: ${planes.join(", ")} bit planes`);
  const a = new Float64Array(nx * ny);
  const hx = (nx + 1) >> 1;
  const hy = (ny + 1) >> 1;
  const bits = new BitReader(packed.subarray(25));
  readQuadrant(bits, a, 0, ny, hx, hy, planes[0]!);
  readQuadrant(bits, a, hy, ny, hx, ny >> 1, planes[1]!);
  readQuadrant(bits, a, ny * hx, ny, nx >> 1, hy, planes[1]!);
  readQuadrant(bits, a, ny * hx + hy, ny, nx >> 1, ny >> 1, planes[2]!);
  if (bits.bits(4) !== 0) throw new FitsError("HCOMPRESS: the end of the bit planes isn't marked");
  bits.align();
  bits.signs(a);
  a[0] = Number(view.getBigInt64(14));
  if (scale > 1) for (let i = 0; i < a.length; i++) a[i]! *= scale;
  invert(a, nx, ny, smooth, scale);
  for (let i = 0; i < a.length; i++) out[i] = a[i]!;
}
