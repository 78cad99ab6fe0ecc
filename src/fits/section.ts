/** Rectangles cut out of an image, row by row, so that only what is wanted is read. */
import { FitsError } from "../errors.js";
import { toNativeOrder } from "./bytes.js";
import { describeHdu, type FitsFile, type Hdu } from "./file.js";
import { readRows, requireImage, scaleSamples, type ImageData } from "./image.js";
import type { TypedArray } from "./typed-array.js";
import type { Section } from "./locate.js";

/** Ranges of every axis, 0-based and half open, or an error that says which axis is too short. */
function rangesOf(file: FitsFile, hdu: Hdu, section: Section): [number, number][] {
  const { axes } = requireImage(file, hdu);
  const subject = describeHdu(file, hdu);
  const hint = `iris fits info ${file.path} shows the axes`;
  if (section.length > axes.length) {
    throw new FitsError(
      `cannot cut a section: ${subject} — ${section.length} ranges for ${axes.length} axes`,
      { hint },
    );
  }
  return axes.map((length, axis) => {
    const [from, to] = section[axis] ?? [1, length];
    if (from < 1 || to > length || from > to) {
      throw new FitsError(
        `cannot cut a section: ${subject} — ${from}:${to} of axis ${axis + 1}, which is 1:${length}`,
        { hint },
      );
    }
    return [from - 1, to];
  });
}

/** A scaled section; axes keep their number, so its shape has as many as the image. */
export function readSection(file: FitsFile, hdu: Hdu, section: Section): ImageData {
  const image = requireImage(file, hdu);
  const ranges = rangesOf(file, hdu, section);
  const [x0, x1] = ranges[0]!;
  const [y0, y1] = ranges[1] ?? [0, 1];
  const nx = x1 - x0;
  const ny = y1 - y0;
  const sample = Math.abs(image.bitpix) / 8;
  const lengths = ranges.map(([from, to]) => to - from);
  const planes = lengths.slice(2).reduce((product, n) => product * n, 1);
  const out = new Uint8Array(planes * ny * nx * sample);
  const row = new Uint8Array(image.axes[0]! * sample);
  for (let n = 0, at = 0; n < planes; n++) {
    let plane = 0;
    let stride = 1;
    let rest = n;
    for (let axis = 2; axis < ranges.length; axis++) {
      plane += (ranges[axis]![0] + (rest % lengths[axis]!)) * stride;
      rest = Math.floor(rest / lengths[axis]!);
      stride *= image.axes[axis]!;
    }
    for (let y = y0; y < y1; y++, at += nx * sample) {
      readRows(file, hdu, plane, y, 1, row);
      out.set(row.subarray(x0 * sample, x1 * sample), at);
    }
  }
  const raw: TypedArray = toNativeOrder(out, image.bitpix);
  return { data: scaleSamples(raw, image), shape: lengths.reverse() };
}
