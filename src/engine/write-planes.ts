/** Planes of a product to their places in its file, with their part of DATASUM. */
import type { Image, Ramp } from "../data/kinds.js";
import { groupFlags, samples } from "../data/ramp.js";
import { OutputError } from "../errors.js";
import { addDatasum, datasum } from "../fits/index.js";
import { writeFully } from "../fits/io.js";
import type { Alloc } from "../kernels/alloc.js";
import { encodeFloat32, encodeUint32 } from "../kernels/encode.js";
import type { Band } from "./bands.js";

/** One plane of the product in its file. */
export interface PlanePlace {
  plane: PlaneName;
  /** Index of its HDU. */
  hdu: number;
  dataStart: number;
}

export type PlaneName =
  | "sci"
  | "err"
  | "dq"
  | "varPoisson"
  | "varRnoise"
  | "weight"
  | "pixeldq"
  | "groupdq"
  | "zeroframe"
  | `extra ${string}`;

/** Bytes that are encoded at a time: they go to the file while a cache still holds them. */
const PIECE = 2_097_152;

/** Writes the rows of `band` of every plane of a product. Returns each HDU's part of DATASUM. */
export function writePlanes(
  fd: number,
  path: string,
  product: Ramp | Image,
  places: readonly PlanePlace[],
  read: Band,
  band: Band,
  frameNy: number,
  memory: Alloc,
): [number, number][] {
  const { nx } = product;
  const height = Math.min(band.ny, Math.max(1, Math.floor(PIECE / (4 * nx))));
  const room = memory.raw(4 * nx * height);
  return places.map(({ plane, hdu, dataStart }) => {
    const values = planeOf(product, plane, memory);
    const width = values.BYTES_PER_ELEMENT;
    const depth = values.length / (nx * read.ny);
    let sum = 0;
    for (let z = 0; z < depth; z++)
      for (let y = 0; y < band.ny; y += height) {
        const pixels = nx * Math.min(height, band.ny - y);
        const first = (z * read.ny + band.y0 - read.y0 + y) * nx;
        const part = values.subarray(first, first + pixels);
        const bytes = part instanceof Uint8Array ? part : room.subarray(0, pixels * width);
        const offset = (z * frameNy + band.y0 + y) * nx * width;
        const own =
          part instanceof Float32Array
            ? encodeFloat32(bytes, part)
            : part instanceof Uint32Array
              ? encodeUint32(bytes, part)
              : sumOfBytes(part, offset % 4);
        writeAll(fd, path, bytes, dataStart + offset);
        sum = addDatasum(sum, own);
      }
    return [hdu, sum];
  });
}

/** DATASUM of bytes that begin `phase` bytes into a word. */
function sumOfBytes(bytes: Uint8Array, phase: number): number {
  if (phase === 0) return datasum(bytes);
  const shifted = new Uint8Array(bytes.length + phase);
  shifted.set(bytes, phase);
  return datasum(shifted);
}

function planeOf(
  product: Ramp | Image,
  plane: PlaneName,
  memory: Alloc,
): Float32Array | Uint32Array | Uint8Array {
  if ("ngroups" in product) {
    if (plane === "sci") return samples(product, memory);
    if (plane === "zeroframe" && product.zeroframe) return product.zeroframe;
    return plane === "groupdq" ? groupFlags(product, memory) : product.pixeldq;
  }
  const values = plane.startsWith("extra ")
    ? product.extras?.[plane.slice("extra ".length)]
    : product[plane as Exclude<PlaneName, "pixeldq" | "groupdq" | "zeroframe" | `extra ${string}`>];
  if (!values)
    throw new OutputError(`the steps gave no ${plane} plane, which the product was to hold`, {
      hint: "a step gives back every plane of its input; one that ends the variances declares endsVariances",
    });
  return values;
}

function writeAll(fd: number, path: string, bytes: Uint8Array, position: number): void {
  try {
    writeFully(fd, bytes, position);
  } catch (cause) {
    const full = (cause as NodeJS.ErrnoException).code === "ENOSPC";
    throw new OutputError(`cannot write ${path} — ${(cause as Error).message}`, {
      cause,
      hint: full
        ? "free some space, or choose another folder with -o"
        : "check the folder and its permissions",
    });
  }
}
