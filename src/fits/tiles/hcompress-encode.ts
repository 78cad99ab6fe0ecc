/** HCOMPRESS, the other way: the H-transform of a tile and its bit planes (FITS 4.0 §10.4.4). */
import { codeOfNybble, levelsOf } from "./hcompress-bits.js";

const { floor, max } = Math;

/** Rounds to a multiple of `unit`, halves up for x ≥ 0 and down below: what the inverse takes for granted. */
const roundTo = (x: number, unit: number): number =>
  floor((x + (x >= 0 ? unit / 2 : unit / 2 - 1)) / unit) * unit;

/** Even places to the front, odd ones behind them. */
function deinterleave(a: Float64Array, base: number, n: number, step: number, tmp: Float64Array): void {
  const half = (n + 1) >> 1;
  for (let i = 1; i < n; i += 2) tmp[i >> 1] = a[base + i * step]!;
  for (let i = 1; i < half; i++) a[base + i * step] = a[base + 2 * i * step]!;
  for (let i = half; i < n; i++) a[base + i * step] = tmp[i - half]!;
}

/**
 * One level: quartets of pixels become (sum, x, y, cross), rounded to `unit` and 2·`unit`. `half` is 1/2 but on the
 * first level: sums of four whole numbers need no room there.
 */
function transformLevel(
  a: Float64Array,
  nx: number,
  ny: number,
  stride: number,
  unit: number,
  half: number,
): void {
  const halves = (x: number): number =>
    x >= 0 ? floor((x + unit / 2) / unit) * unit : floor(x / unit) * unit;
  for (let i = 0; i < nx; i += 2) {
    const pairX = i + 1 < nx;
    for (let j = 0; j < ny; j += 2) {
      const pairY = j + 1 < ny;
      const at = i * stride + j;
      const below = at + stride;
      const p00 = a[at]!;
      if (pairX && pairY) {
        const p01 = a[at + 1]!;
        const p10 = a[below]!;
        const p11 = a[below + 1]!;
        a[below + 1] = floor((p11 - p10 - p01 + p00) * half);
        a[below] = halves(floor((p11 + p10 - p01 - p00) * half));
        a[at + 1] = halves(floor((p11 - p10 + p01 - p00) * half));
        a[at] = roundTo(floor((p11 + p10 + p01 + p00) * half), 2 * unit);
      } else if (pairX || pairY) {
        const other = pairX ? below : at + 1;
        const p = a[other]!;
        a[other] = halves((p - p00) * 2 * half);
        a[at] = roundTo((p + p00) * 2 * half, 2 * unit);
      } else a[at] = roundTo(p00 * 4 * half, 2 * unit);
    }
  }
}

function transform(a: Float64Array, nx: number, ny: number): void {
  const tmp = new Float64Array((max(nx, ny) + 1) >> 1);
  let unit = 2;
  for (let level = 0, lx = nx, ly = ny; level < levelsOf(max(nx, ny)); level++) {
    transformLevel(a, lx, ly, ny, unit, level === 0 ? 1 : 0.5);
    for (let i = 0; i < lx; i++) deinterleave(a, ny * i, ly, 1, tmp);
    for (let j = 0; j < ly; j++) deinterleave(a, j, lx, ny, tmp);
    lx = (lx + 1) >> 1;
    ly = (ly + 1) >> 1;
    unit *= 2;
  }
}

/** Bits from the most significant end into bytes that grow. */
class BitWriter {
  #bytes = new Uint8Array(4096);
  #at = 0;
  #word = 0;
  #used = 0;

  write(value: number, count: number): void {
    this.#word = (this.#word << count) | value;
    this.#used += count;
    while (this.#used >= 8) {
      if (this.#at === this.#bytes.length) {
        const larger = new Uint8Array(2 * this.#at);
        larger.set(this.#bytes);
        this.#bytes = larger;
      }
      this.#used -= 8;
      this.#bytes[this.#at++] = this.#word >>> this.#used;
      this.#word &= (1 << this.#used) - 1;
    }
  }

  /** To the next byte. */
  align(): void {
    if (this.#used > 0) this.write(0, 8 - this.#used);
  }

  finish(): Uint8Array {
    this.align();
    return this.#bytes.slice(0, this.#at);
  }
}

interface Nybbles {
  nx: number;
  ny: number;
  values: Uint8Array;
}

/** Quartets of an nx×ny grid of flags as nybbles; `set` tells a flag. */
function quartets(nx: number, ny: number, set: (i: number, j: number) => boolean): Nybbles {
  const [px, py] = [(nx + 1) >> 1, (ny + 1) >> 1];
  const values = new Uint8Array(px * py);
  for (let i = 0; i < px; i++) {
    for (let j = 0; j < py; j++) {
      const [low, right] = [2 * i + 1 < nx, 2 * j + 1 < ny];
      let value = set(2 * i, 2 * j) ? 8 : 0;
      if (right && set(2 * i, 2 * j + 1)) value |= 4;
      if (low && set(2 * i + 1, 2 * j)) value |= 2;
      if (low && right && set(2 * i + 1, 2 * j + 1)) value |= 1;
      values[i * py + j] = value;
    }
  }
  return { nx: px, ny: py, values };
}

/** One bit plane: the quadtree's nybbles from its root, Huffman-coded, or all nybbles as they are if that is shorter. */
function writePlane(bits: BitWriter, nx: number, ny: number, set: (i: number, j: number) => boolean): void {
  const levels: Nybbles[] = [quartets(nx, ny, set)];
  for (let top = levels[0]!; top.nx > 1 || top.ny > 1; levels.push(top)) {
    const { values, ny: stride } = top;
    top = quartets(top.nx, top.ny, (i, j) => values[i * stride + j] !== 0);
  }
  const finest = levels[0]!.values;
  let length = 0;
  for (const { values } of levels)
    for (const value of values) if (value !== 0) length += codeOfNybble[value]! >> 8;
  if (length >= 4 * finest.length) {
    bits.write(0, 4);
    for (const value of finest) bits.write(value, 4);
    return;
  }
  bits.write(15, 4);
  const put = (value: number): void => {
    bits.write(codeOfNybble[value]! & 255, codeOfNybble[value]! >> 8);
  };
  put(levels.at(-1)!.values[0]!);
  for (let level = levels.length - 2; level >= 0; level--) {
    const { values } = levels[level]!;
    for (let k = values.length - 1; k >= 0; k--) if (values[k] !== 0) put(values[k]!);
  }
}

interface Quadrant {
  base: number;
  nx: number;
  ny: number;
  /** Which of the three counts of bit planes is its. */
  kind: 0 | 1 | 2;
}

function quadrantsOf(nx: number, ny: number): Quadrant[] {
  const [hx, hy] = [(nx + 1) >> 1, (ny + 1) >> 1];
  return [
    { base: 0, nx: hx, ny: hy, kind: 0 },
    { base: hy, nx: hx, ny: ny >> 1, kind: 1 },
    { base: ny * hx, nx: nx >> 1, ny: hy, kind: 1 },
    { base: ny * hx + hy, nx: nx >> 1, ny: ny >> 1, kind: 2 },
  ];
}

const bitLength = (x: number): number => (x === 0 ? 0 : floor(Math.log2(x)) + 1);

function planesOf(a: Float64Array, stride: number, quadrants: readonly Quadrant[]): [number, number, number] {
  const planes: [number, number, number] = [0, 0, 0];
  for (const { base, nx, ny, kind } of quadrants) {
    let largest = 0;
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < ny; j++) largest = max(largest, Math.abs(a[base + i * stride + j]!));
    planes[kind] = max(planes[kind], bitLength(largest));
  }
  return planes;
}

/**
 * A tile of `height` rows of `width` pixels, at least 4×4.
 *
 * @param scale 0 or 1 keeps every bit; above, coefficients are divided by it and rounded.
 */
export function encodeHcompress(
  pixels: ArrayLike<number>,
  width: number,
  height: number,
  scale: number,
): Uint8Array {
  const [nx, ny] = [height, width];
  const a = Float64Array.from(pixels);
  transform(a, nx, ny);
  if (scale > 1) {
    const half = floor((scale + 1) / 2) - 1;
    for (let i = 0; i < a.length; i++) {
      const value = a[i]!;
      a[i] = Math.trunc((value + (value > 0 ? half : -half)) / scale);
    }
  }
  const head = new DataView(new ArrayBuffer(25));
  head.setUint16(0, 0xdd99);
  head.setInt32(2, nx);
  head.setInt32(6, ny);
  head.setInt32(10, scale);
  head.setBigInt64(14, BigInt(a[0]!));
  a[0] = 0;
  const quadrants = quadrantsOf(nx, ny);
  const planes = planesOf(a, ny, quadrants);
  planes.forEach((count, kind) => {
    head.setUint8(22 + kind, count);
  });
  const bits = new BitWriter();
  for (const { base, nx: rows, ny: columns, kind } of quadrants) {
    for (let plane = planes[kind] - 1; plane >= 0; plane--) {
      const inverse = 2 ** -plane;
      writePlane(bits, rows, columns, (i, j) => (floor(Math.abs(a[base + i * ny + j]!) * inverse) & 1) === 1);
    }
  }
  bits.write(0, 4);
  bits.align();
  for (const value of a) if (value !== 0) bits.write(value < 0 ? 1 : 0, 1);
  const coded = bits.finish();
  const out = new Uint8Array(25 + coded.length);
  out.set(new Uint8Array(head.buffer));
  out.set(coded, 25);
  return out;
}
