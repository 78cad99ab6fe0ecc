/** Pictures of an exposure before and after, as PNG data that a page carries with it. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { openFile } from "../../engine/inputs.js";
import type { PlannedInput } from "../../engine/plan-types.js";
import { isIrisError } from "../../errors.js";
import { drawHdu, planesOf, scienceHdu, type Shown } from "../draw.js";
import type { Picture } from "../quicklook.js";

/** A picture with its words, or the words that say why there is none. */
export interface Drawn {
  caption: string;
  image: { src: string; width: number; height: number } | null;
}

/** `size`: longest side in pixels. */
export function drawProduct(path: string, unit: string, size: number): Drawn {
  return draw(path, () => null, unit, size, basename(path));
}

/** The exposure as it came: of reads the last minus the first, or the last one where they lie in several HDUs. */
export function drawInput({ path, layout }: PlannedInput, size: number): Drawn {
  const place = layout?.places.findLast((each) => each !== null);
  const file = place ? layout!.files[place.file]! : path;
  if (layout?.order === "pixels")
    return {
      caption: `${basename(path)}: the reads of a pixel lie together, there is no plane to draw`,
      image: null,
    };
  return draw(file, () => place ?? null, "", size, basename(file));
}

function draw(
  path: string,
  placeOf: () => { hdu: number; plane: number } | null,
  unit: string,
  size: number,
  name: string,
): Drawn {
  if (!existsSync(path)) return { caption: `${name} isn't there any more`, image: null };
  const file = openFile(path);
  try {
    const place = placeOf();
    const hdu = place ? file.hdus[place.hdu]! : scienceHdu(file);
    const shown: Shown = place ? { plane: place.plane } : planesOf(hdu) > 1 ? "last - first" : { plane: 0 };
    const picture = drawHdu(file, hdu, shown, { size });
    const what = place ? "last read, " : shown === "last - first" ? "last read − first, " : "";
    return { caption: `${name}: ${what}${rangeText(picture, unit)}`, image: imageOf(picture) };
  } catch (error) {
    // A page of a hundred exposures is of use without one picture.
    if (!isIrisError(error)) throw error;
    return { caption: error.message, image: null };
  } finally {
    file.close();
  }
}

const rangeText = ({ low, high, stretch }: Picture, unit: string): string =>
  `${String(Number(low.toPrecision(3)))} to ${String(Number(high.toPrecision(3)))}${unit === "" ? "" : ` ${unit}`}, ${stretch}`;

const imageOf = ({ png, width, height }: Picture): Drawn["image"] => ({
  src: `data:image/png;base64,${Buffer.from(png).toString("base64")}`,
  width,
  height,
});
