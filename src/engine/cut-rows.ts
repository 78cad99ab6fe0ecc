/** Some rows of a product. */
import type { Image, Ramp } from "../data/kinds.js";
import { samples } from "../data/ramp.js";
import type { Alloc } from "../kernels/alloc.js";
import type { Band } from "./bands.js";
import type { SharedImage } from "./job.js";

/** The rows `band` of a product, copied; the product itself when it holds no others. */
export function cutRows<P extends Ramp | Image>(product: P, band: Band, alloc: Alloc): P {
  const { nx, ny, y0 } = product;
  if (band.y0 === y0 && band.ny === ny) return product;
  if ("ngroups" in product && product.waiting) samples(product, alloc);
  const cut: Record<string, unknown> = { ...product, ...band };
  delete cut["needed"];
  const [first, length] = [(band.y0 - y0) * nx, band.ny * nx];
  const rowsOf = (source: Uint8Array, bytes: number): Uint8Array => {
    const planes = source.length / (nx * ny * bytes);
    const out = alloc.raw(planes * length * bytes);
    for (let z = 0; z < planes; z++) {
      const at = (z * nx * ny + first) * bytes;
      out.set(source.subarray(at, at + length * bytes), z * length * bytes);
    }
    return out;
  };
  for (const [key, value] of Object.entries(product) as [string, unknown][])
    if (value instanceof Float32Array || value instanceof Uint32Array || value instanceof Uint8Array) {
      const { BYTES_PER_ELEMENT: width, buffer, byteOffset, byteLength } = value;
      const rows = rowsOf(new Uint8Array(buffer, byteOffset, byteLength), width);
      const Plane = value.constructor as new (b: ArrayBufferLike, at: number, n: number) => unknown;
      cut[key] = new Plane(rows.buffer, rows.byteOffset, rows.length / width);
    }
  if ("raw" in product && product.raw) {
    const { bytes, bitpix, bscale, bzero, blank, absent } = product.raw;
    const rows = rowsOf(bytes, Math.abs(bitpix) / 8);
    cut["raw"] = { bytes: rows, bitpix, bscale, bzero, blank, ...(absent && { absent }) };
  }
  return cut as unknown as P;
}

/** Copies the rows `band` of an image that holds the rows `read` to their place in whole planes. */
export function storeRows(from: Image, to: SharedImage, read: Band, band: Band): void {
  const store = (source: Float32Array | Uint32Array, target: Float32Array | Uint32Array): void => {
    for (let z = 0; z < target.length / (to.nx * to.ny); z++) {
      const first = (z * read.ny + band.y0 - read.y0) * from.nx;
      target.set(source.subarray(first, first + band.ny * from.nx), (z * to.ny + band.y0) * to.nx);
    }
  };
  for (const plane of ["sci", "err", "dq", "varPoisson", "varRnoise", "weight"] as const) {
    const [source, target] = [from[plane], to[plane]];
    if (source && target) store(source, target);
  }
  for (const [name, target] of Object.entries(to.extras ?? {})) {
    const source = from.extras?.[name];
    if (source) store(source, target);
  }
}
