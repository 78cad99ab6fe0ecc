/** Places of a catalogue's rows in a frame. */
import type { Keywords } from "../../../data/exposure.js";
import type { Columns } from "../../../data/columns.js";
import { InputError } from "../../../errors.js";
import { readWcs, skyToPixel } from "../../../wcs/index.js";

interface Size {
  nx: number;
  ny: number;
}

/** By x and y, pixels from 0, else by ra and dec; those in the frame. @throws InputError */
export function marksOf(
  table: Columns,
  name: string,
  header: Keywords,
  { nx, ny }: Size,
): { x: number; y: number }[] {
  const numbers = (column: string): Float64Array | undefined => {
    const found = table.get(column);
    return found instanceof Float64Array ? found : undefined;
  };
  const inFrame = ({ x, y }: { x: number; y: number }): boolean =>
    x >= -0.5 && y >= -0.5 && x <= nx - 0.5 && y <= ny - 0.5;
  const [ra, dec] = [numbers("ra"), numbers("dec")];
  const wcs = readWcs(header);
  if (ra && dec && !("none" in wcs))
    return Array.from(ra, (alpha, k) => {
      const [x, y] = skyToPixel(wcs, alpha, dec[k]!);
      return { x, y };
    }).filter(inFrame);
  const [x, y] = [numbers("x"), numbers("y")];
  if (x && y) return Array.from(x, (u, k) => ({ x: u, y: y[k]! })).filter(inFrame);
  const why =
    ra && dec && "none" in wcs ? `it has ra and dec, but ${wcs.none}` : "it has neither ra, dec nor x, y";
  throw new InputError(`cannot mark the sources of ${name} — ${why}`, {
    hint: "make a catalogue of the image itself: iris qa FILE -o .",
  });
}
