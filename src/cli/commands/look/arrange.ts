/** Where frames that were exposed together stand in one picture: as on the sky, else in the order given. */
import type { Keywords } from "../../../data/exposure.js";
import { pixelToSky, readWcs, skyToPixel } from "../../../wcs/index.js";

export interface Placed {
  nx: number;
  ny: number;
  header: Keywords;
}

/** Column and row from the upper left; rows as long as a square wants. */
export function arrange(frames: readonly Placed[]): { column: number; row: number }[] {
  const columns = Math.ceil(Math.sqrt(frames.length));
  const centres = centresOf(frames);
  const order = frames.map((_, k) => k);
  if (centres) order.sort((a, b) => centres[b]![1] - centres[a]![1]);
  const cells: { column: number; row: number }[] = [];
  for (let row = 0; row * columns < order.length; row++) {
    const line = order.slice(row * columns, (row + 1) * columns);
    if (centres) line.sort((a, b) => centres[a]![0] - centres[b]![0]);
    line.forEach((k, column) => (cells[k] = { column, row }));
  }
  return cells;
}

/** Centres in the pixels of the first frame; null where one has no coordinates, or two lie on each other. */
function centresOf(frames: readonly Placed[]): [number, number][] | null {
  const first = readWcs(frames[0]!.header);
  if ("none" in first) return null;
  const centres: [number, number][] = [];
  for (const { nx, ny, header } of frames) {
    const wcs = readWcs(header);
    if ("none" in wcs) return null;
    const centre = skyToPixel(first, ...pixelToSky(wcs, (nx - 1) / 2, (ny - 1) / 2));
    const least = Math.min(nx, ny) / 2;
    if (!centre.every(Number.isFinite)) return null;
    if (centres.some(([x, y]) => Math.hypot(x - centre[0], y - centre[1]) < least)) return null;
    centres.push(centre);
  }
  return centres;
}
