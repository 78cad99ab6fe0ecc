/** Samples stored pixel by pixel → planes. */

interface Shape {
  /** Bytes of a sample. */
  width: number;
  nx: number;
  /** Rows of the planes, and the one that `row` is. */
  ny: number;
  y: number;
  /** Samples of a pixel in `row`. */
  depth: number;
  /** Sample of a pixel that each plane takes. */
  slots: Int32Array;
}

/** Pixels taken at a time: their samples and the lines of the planes that they go to stay in the cache. */
const BLOCK = 64;

const view = (bytes: Uint8Array, width: number): Uint8Array | Uint16Array | Uint32Array => {
  const { buffer, byteOffset, byteLength } = bytes;
  if (width === 2 && byteOffset % 2 === 0) return new Uint16Array(buffer, byteOffset, byteLength / 2);
  if (width >= 4 && byteOffset % 4 === 0) return new Uint32Array(buffer, byteOffset, byteLength / 4);
  return bytes;
};

/** Row `y` of the planes `into`, [slots][ny][nx], from the samples `row`, [nx][depth]; the order of bytes is kept. */
export function scatterSamples(into: Uint8Array, row: Uint8Array, shape: Shape): void {
  const { width, nx, ny, y, depth, slots } = shape;
  const [out, from] = [view(into, width), view(row, width)];
  const unit = Math.min(out.BYTES_PER_ELEMENT, from.BYTES_PER_ELEMENT);
  const [a, b] =
    unit === out.BYTES_PER_ELEMENT && unit === from.BYTES_PER_ELEMENT ? [out, from] : [into, row];
  const words = width / a.BYTES_PER_ELEMENT;
  for (let x0 = 0; x0 < nx; x0 += BLOCK) {
    const x1 = Math.min(nx, x0 + BLOCK);
    for (let n = 0; n < slots.length; n++) {
      const line = (n * ny + y) * nx;
      const slot = slots[n]!;
      for (let x = x0; x < x1; x++)
        for (let w = 0; w < words; w++) a[(line + x) * words + w] = b[(x * depth + slot) * words + w]!;
    }
  }
}
