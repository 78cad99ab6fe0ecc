/** A picture of one or several frames side by side, with what is marked on them, and plots below. */
import { averageOf, gridOf, sumRows, type Grid } from "./blocks.js";
import { drawCircle, drawLine, drawRect, drawTag, makeCanvas, type Canvas, type Color } from "./canvas.js";
import { paletteOf, type ColorMap } from "./colormap.js";
import type { Frame } from "./draw.js";
import type { Cut, Region } from "./measures.js";
import { drawPlot, PLOT_HEIGHT, type Plot } from "./plot.js";
import { encodePng } from "./png.js";
import { paint, textsOf, type Painted, type Picture } from "./quicklook.js";
import { rangeOf, type Range, type Stretch } from "./stretch.js";

export interface Tile {
  frame: Frame;
  /** Drawn in its corner. */
  label: string | null;
  /** Places to circle, pixels from 0. */
  marks: readonly { x: number; y: number }[];
  regions: readonly Region[];
  cuts: readonly Cut[];
  /** Where it stands, from the upper left. */
  column: number;
  row: number;
}

export interface SheetOptions {
  size: number;
  stretch: Stretch;
  map: ColorMap;
  invert: boolean;
  range?: Range;
  /** Radius of the circles, pixels of the frame; null: ten pixels of the picture. */
  radius: number | null;
}

/** Colours of cuts, told apart on any ground. */
export const LINE_COLORS: readonly Color[] = [
  [86, 204, 242],
  [255, 159, 67],
  [126, 217, 87],
  [240, 108, 155],
];
const MARK: Color = [92, 230, 150];
const FRAME: Color = [255, 214, 90];
const LABEL: Color = [236, 238, 244];
const GROUND: Color = [24, 26, 34];
const GAP = 6;
/** Plots want room for their labels. */
const LEAST_PLOT = 640;

/** `plots` are made when the values drawn black and white are known. */
export function drawSheet(
  tiles: readonly Tile[],
  options: SheetOptions,
  plots: (range: Range) => readonly Plot[],
): Picture {
  const columns = Math.max(...tiles.map(({ column }) => column)) + 1;
  const rows = Math.max(...tiles.map(({ row }) => row)) + 1;
  const side = Math.floor((options.size - GAP * (Math.max(columns, rows) - 1)) / Math.max(columns, rows));
  const averaged = tiles.map(({ frame: { nx, ny, sci, dq } }) => {
    const grid = gridOf(nx, ny, Math.max(1, side));
    return { grid, values: averageOf(grid, [sumRows(grid, 0, ny, sci, dq)]) };
  });
  const range = options.range ?? rangeOf(joined(averaged.map(({ values }) => values)), options.stretch);
  const painted = averaged.map(({ grid, values }) => paint(values, grid, { ...options, size: side, range }));
  const cell = {
    width: Math.max(...painted.map(({ width }) => width)),
    height: Math.max(...painted.map(({ height }) => height)),
  };
  const below = plots(range);
  const width = columns * (cell.width + GAP) - GAP;
  const height = rows * (cell.height + GAP) - GAP;
  const canvas = makeCanvas(
    Math.max(width, below.length > 0 ? LEAST_PLOT : 0),
    height + below.length * (PLOT_HEIGHT + GAP),
    GROUND,
  );
  const left = Math.floor((canvas.width - width) / 2);
  tiles.forEach((tile, k) => {
    const corner = [left + tile.column * (cell.width + GAP), tile.row * (cell.height + GAP)] as const;
    drawTile(canvas, corner, tile, painted[k]!, averaged[k]!.grid, options);
  });
  below.forEach((plot, k) => {
    drawPlot(canvas, height + GAP + k * (PLOT_HEIGHT + GAP), plot);
  });
  const texts = textsOf(painted[0]!, averaged[0]!.grid);
  const png = encodePng(canvas.pixels, canvas.width, canvas.height, { texts });
  return { png, width: canvas.width, height: canvas.height, stretch: options.stretch, ...range };
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

function drawTile(
  canvas: Canvas,
  [left, top]: readonly [number, number],
  { label, marks, regions, cuts }: Tile,
  painted: Painted,
  { factor }: Grid,
  { map, radius }: SheetOptions,
): void {
  const { indices, width, height, zoom } = painted;
  const palette = paletteOf(map);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 3 * ((top + y) * canvas.width + left + x);
      const color = 3 * indices[y * width + x]!;
      canvas.pixels[at] = palette[color]!;
      canvas.pixels[at + 1] = palette[color + 1]!;
      canvas.pixels[at + 2] = palette[color + 2]!;
    }
  const scale = zoom / factor;
  const place = (x: number, y: number): [number, number] => [
    left + (x + 0.5) * scale - 0.5,
    top + height - (y + 0.5) * scale - 0.5,
  ];
  for (const { x, y } of marks) drawCircle(canvas, place(x, y), radius === null ? 10 : radius * scale, MARK);
  regions.forEach(({ x1, x2, y1, y2 }, k) => {
    const [x, y] = place(x1 - 1.5, y2 - 0.5);
    drawRect(canvas, [x, y, (x2 - x1 + 1) * scale, (y2 - y1 + 1) * scale], FRAME);
    if (regions.length > 1) drawTag(canvas, x + 8, y + 8, String(k + 1), FRAME);
  });
  cuts.forEach(({ from, to }, k) => {
    drawLine(canvas, place(from[0] - 1, from[1] - 1), place(to[0] - 1, to[1] - 1), LINE_COLORS[k % 4]!);
  });
  if (label !== null) drawTag(canvas, left + 10, top + 10, label, LABEL);
}
