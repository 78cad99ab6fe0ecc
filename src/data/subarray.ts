/** Which pixels of a reference belong to a science subarray (pure arithmetic on 1-based detector rectangles). */
import { CalibrationError } from "../errors.js";
import type { Keywords, Subarray } from "./exposure.js";
import type { Rectangle } from "./parts.js";

/** Where a plane of `nx` × `ny` pixels lies on the detector: SUBSTRT1/2, by default its first pixel. */
export function placeOf(header: Keywords, nx: number, ny: number): Subarray {
  const start = (keyword: string): number => {
    const value = header[keyword];
    return typeof value === "number" ? value : 1;
  };
  const name = header["SUBARRAY"];
  return {
    name: typeof name === "string" ? name : "FULL",
    x: start("SUBSTRT1"),
    y: start("SUBSTRT2"),
    nx,
    ny,
  };
}

/**
 * The science's rectangle in a reference (or in another exposure, such as a background).
 *
 * @throws CalibrationError when the rectangle leaves the reference, or when a full frame meets a reference of
 * another size.
 */
export function cutOf(science: Subarray, reference: Subarray, referenceName: string): Rectangle {
  const { nx, ny } = science;
  const hint = "see which rule chose it: iris crds explain FILE";
  if (science.name === "FULL" && (reference.nx !== nx || reference.ny !== ny))
    throw new CalibrationError(
      `reference of the wrong shape: on ${referenceName} — the full frame has ${size(science)} pixels, the reference ${size(reference)}`,
      { hint },
    );
  if (holds(reference, science)) return { x0: science.x - reference.x, y0: science.y - reference.y, nx, ny };
  throw new CalibrationError(
    `Bad reference file slice indexes: on ${referenceName} — the science covers ${span(science)} of the detector, the reference ${span(reference)}`,
    { hint },
  );
}

const size = ({ nx, ny }: Subarray): string => `${String(nx)} × ${String(ny)}`;

/** Whether all pixels of `inner` are in `outer`. */
export const holds = (outer: Subarray, inner: Subarray): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.nx <= outer.x + outer.nx &&
  inner.y + inner.ny <= outer.y + outer.ny;

/** Columns and rows of the detector, 1-based. */
export const span = ({ x, y, nx, ny }: Subarray): string =>
  `[${String(x)}:${String(x + nx - 1)}, ${String(y)}:${String(y + ny - 1)}]`;
