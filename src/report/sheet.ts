/** A picture of one or several frames side by side, with what is marked on them, and plots below. */
import { averageOf, gridOf, sumRows } from "./blocks.js";
import { makeCanvas, type Color } from "./canvas.js";
import type { ColorMap } from "./colormap.js";
import { levelsFor } from "./contours.js";
import type { Frame } from "./draw.js";
import type { Region } from "./measures.js";
import { drawPlot, PLOT_HEIGHT, type Plot } from "./plot.js";
import { encodePng } from "./png.js";
import { paint, textsOf, type Picture } from "./quicklook.js";
import { rangeOf, type Range, type Stretch } from "./stretch.js";
import { drawSurface, surfaceHeight } from "./surface.js";
import { drawTile, type Tile } from "./tile.js";

export interface SheetOptions {
  size: number;
  stretch: Stretch;
  map: ColorMap;
  invert: boolean;
  range?: Range;
  /** Radius of the circles, pixels of the frame; null: ten pixels of the picture. */
  radius: number | null;
  /** So many lines of equal value, or the values. */
  contours: number | readonly number[];
  /** Each frame as a landscape, too. */
  surface: boolean;
}

/** A picture, and the values of its lines. */
export interface Sheet extends Picture {
  contours: readonly number[];
}

const GROUND: Color = [24, 26, 34];
const GAP = 6;
/** Plots want room for their labels. */
const LEAST_PLOT = 640;

/** `plots` are made when the values drawn black and white are known. */
export function drawSheet(
  tiles: readonly Tile[],
  options: SheetOptions,
  plots: (range: Range) => readonly Plot[],
): Sheet {
  const columns = Math.max(...tiles.map(({ column }) => column)) + 1;
  const rows = Math.max(...tiles.map(({ row }) => row)) + 1;
  const side = Math.floor((options.size - GAP * (Math.max(columns, rows) - 1)) / Math.max(columns, rows));
  const parts = tiles.map(({ frame, section }) => cropped(frame, section));
  const averaged = parts.map(({ nx, ny, sci, dq }) => {
    const grid = gridOf(nx, ny, Math.max(1, side));
    return { grid, values: averageOf(grid, [sumRows(grid, 0, ny, sci, dq)]) };
  });
  const values = joined(averaged.map((each) => each.values));
  const range = options.range ? { softening: 0.1, ...options.range } : rangeOf(values, options.stretch);
  const painted = averaged.map((each) => paint(each.values, each.grid, { ...options, size: side, range }));
  const cell = {
    width: Math.max(...painted.map(({ width }) => width)),
    height: Math.max(...painted.map(({ height }) => height)),
  };
  const below = plots(range);
  const width = columns * (cell.width + GAP) - GAP;
  const height = rows * (cell.height + GAP) - GAP;
  const wide = Math.max(width, below.length > 0 || options.surface ? LEAST_PLOT : 0);
  const landscape = options.surface ? surfaceHeight(wide) + GAP : 0;
  const canvas = makeCanvas(
    wide,
    height + tiles.length * landscape + below.length * (PLOT_HEIGHT + GAP),
    GROUND,
  );
  const left = Math.floor((canvas.width - width) / 2);
  const contours =
    typeof options.contours === "number"
      ? levelsFor(values, averaged[0]!.grid.width, options.contours, range, options.stretch)
      : options.contours;
  tiles.forEach((tile, k) => {
    const corner = [left + tile.column * (cell.width + GAP), tile.row * (cell.height + GAP)] as const;
    drawTile(canvas, corner, tile, { painted: painted[k]!, ...averaged[k]! }, { ...options, contours });
    if (!options.surface) return;
    const { x1, y1 } = tile.section;
    const view = { ...options, origin: [x1, y1] as const, title: tile.label ?? "" };
    drawSurface(canvas, height + GAP + k * landscape, parts[k]!, view);
  });
  below.forEach((plot, k) => {
    drawPlot(canvas, height + tiles.length * landscape + GAP + k * (PLOT_HEIGHT + GAP), plot);
  });
  const texts = textsOf(painted[0]!, averaged[0]!.grid);
  const png = encodePng(canvas.pixels, canvas.width, canvas.height, { texts });
  const { low, high } = range;
  return { png, width: canvas.width, height: canvas.height, stretch: options.stretch, low, high, contours };
}

/** The section as a frame of its own. */
function cropped(frame: Frame, { x1, x2, y1, y2 }: Region): Frame {
  const [nx, ny] = [x2 - x1 + 1, y2 - y1 + 1];
  if (nx === frame.nx && ny === frame.ny) return frame;
  const cut = <T extends Float32Array | Uint32Array>(out: T, plane: T): T => {
    for (let y = 0; y < ny; y++) {
      const at = (y + y1 - 1) * frame.nx + x1 - 1;
      out.set(plane.subarray(at, at + nx), y * nx);
    }
    return out;
  };
  return {
    nx,
    ny,
    sci: cut(new Float32Array(nx * ny), frame.sci),
    err: null,
    dq: frame.dq && cut(new Uint32Array(nx * ny), frame.dq),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
