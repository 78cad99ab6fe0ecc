/** The values of a frame as a landscape, seen from before and above, far parts hidden by near ones. */
import { averageOf, gridOf, sumRows } from "./blocks.js";
import { drawLine, drawText, fillQuad, fillRect, textSize, type Canvas, type Color } from "./canvas.js";
import { paletteOf, type ColorMap } from "./colormap.js";
import type { Frame } from "./draw.js";
import { numberText } from "./plot.js";
import { rangeOf, stretchTable, type Range, type Stretch } from "./stretch.js";

export interface SurfaceOptions {
  stretch: Stretch;
  map: ColorMap;
  /** Of the ground and of full height; found from the values when absent. */
  range?: Range;
  /** Column and row of the frame's first pixel, from 1. */
  origin: readonly [number, number];
  title: string;
}

/** Cells along the longer side: more can't be told apart. */
const CELLS = 120;
const MESH = 6;
const AZIMUTH = (-32 * Math.PI) / 180;
const ELEVATION = (34 * Math.PI) / 180;
/** Height of white above black, in longer sides of the frame. */
const HEIGHT = 0.42;
const LEVELS = 4096;
const GROUND: Color = [16, 18, 26];
const BASE: Color = [70, 76, 94];
const LETTERS: Color = [205, 208, 216];
/** Direction of the light. */
const LIGHT = [-0.5, -0.35, 0.79] as const;

/** Rows that the landscape of a picture of this width takes. */
export const surfaceHeight = (width: number): number => Math.round(Math.min(760, 0.66 * width));

interface Relief {
  width: number;
  height: number;
  /** Brightness 0 … 1; NaN where there is no good value. */
  z: Float32Array;
  range: Range;
}

function reliefOf({ nx, ny, sci, dq }: Frame, { stretch, range: given }: SurfaceOptions): Relief {
  const grid = gridOf(nx, ny, CELLS);
  const values = averageOf(grid, [sumRows(grid, 0, ny, sci, dq)]);
  // Averages over large cells have lower peaks than the picture.
  const range = given ? { softening: 0.1, ...given } : rangeOf(values, stretch);
  const table = stretchTable(stretch, LEVELS, range.softening);
  const z = values.map((value) =>
    value - value === 0
      ? table[
          Math.round(Math.max(0, Math.min(1, (value - range.low) / (range.high - range.low))) * (LEVELS - 1))
        ]!
      : NaN,
  );
  return { width: grid.width, height: grid.height, z, range };
}

export function drawSurface(canvas: Canvas, top: number, frame: Frame, options: SurfaceOptions): void {
  const relief = reliefOf(frame, options);
  const { width, height } = relief;
  const panel = surfaceHeight(canvas.width);
  fillRect(canvas, [0, top, canvas.width, panel], GROUND);
  const side = Math.max(width, height) - 1 || 1;
  const [sinA, cosA] = [Math.sin(AZIMUTH), Math.cos(AZIMUTH)];
  const [sinE, cosE] = [Math.sin(ELEVATION), Math.cos(ELEVATION)];
  const turned = (x: number, y: number): [number, number] => {
    const [u, v] = [(x - (width - 1) / 2) / side, (y - (height - 1) / 2) / side];
    return [u * cosA - v * sinA, u * sinA + v * cosA];
  };
  const flat = (x: number, y: number, h: number): [number, number] => {
    const [right, away] = turned(x, y);
    return [right, -(away * sinE + h * HEIGHT * cosE)];
  };
  const corners = [0, 1].flatMap((h) =>
    [
      [0, 0],
      [width - 1, 0],
      [width - 1, height - 1],
      [0, height - 1],
    ].map(([x, y]) => flat(x!, y!, h)),
  );
  const [x0, x1] = [Math.min(...corners.map(([x]) => x)), Math.max(...corners.map(([x]) => x))];
  const [y0, y1] = [Math.min(...corners.map(([, y]) => y)), Math.max(...corners.map(([, y]) => y))];
  const scale = Math.min((canvas.width - 180) / (x1 - x0), (panel - 96) / (y1 - y0));
  const at = (x: number, y: number, h: number): [number, number] => {
    const [u, v] = flat(x, y, h);
    return [canvas.width / 2 + (u - (x0 + x1) / 2) * scale, top + 48 + (v - y0) * scale];
  };
  const base = [
    at(0, 0, 0),
    at(width - 1, 0, 0),
    at(width - 1, height - 1, 0),
    at(0, height - 1, 0),
  ] as const;
  for (const k of [2, 3]) drawLine(canvas, base[k]!, base[(k + 1) % 4]!, BASE, 1);
  drawLine(canvas, base[1], base[2], BASE, 1);
  drawCells(canvas, relief, options.map, at, (x, y) => turned(x, y)[1]);
  drawLine(canvas, base[0], base[1], BASE, 1);
  labelAxes(canvas, top, frame, relief.range, options, { base, column: [at(0, 0, 0), at(0, 0, 1)] });
}

/** From the far cells to the near ones. */
function drawCells(
  canvas: Canvas,
  { width, height, z }: Relief,
  map: ColorMap,
  at: (x: number, y: number, h: number) => [number, number],
  depth: (x: number, y: number) => number,
): void {
  const palette = paletteOf(map);
  const cells = Array.from({ length: (width - 1) * (height - 1) }, (_, k) => k);
  const away = cells.map((k) => depth(k % (width - 1), Math.floor(k / (width - 1))));
  cells.sort((a, b) => away[b]! - away[a]!);
  const side = Math.max(width, height) - 1;
  for (const k of cells) {
    const [x, y] = [k % (width - 1), Math.floor(k / (width - 1))];
    const i = y * width + x;
    const [a, b, c, d] = [z[i]!, z[i + 1]!, z[i + width + 1]!, z[i + width]!];
    const mean = (a + b + c + d) / 4;
    if (mean - mean !== 0) continue;
    const slope = [((b + c - a - d) / 2) * HEIGHT * side, ((c + d - a - b) / 2) * HEIGHT * side] as const;
    const normal = Math.hypot(slope[0], slope[1], 1);
    const lit = Math.max(0, (-slope[0] * LIGHT[0] - slope[1] * LIGHT[1] + LIGHT[2]) / normal);
    const tone = 3 * Math.round(mean * 254);
    const bright = 0.35 + 0.75 * lit;
    // The darkest colours of a map would be lost on the ground.
    const color = [0, 1, 2].map((n) => Math.min(255, 26 + bright * palette[tone + n]!)) as unknown as Color;
    const quad = [at(x, y, a), at(x + 1, y, b), at(x + 1, y + 1, c), at(x, y + 1, d)] as const;
    fillQuad(canvas, quad, color);
    const line = color.map((value) => 0.62 * value) as unknown as Color;
    if (y % MESH === 0) drawLine(canvas, quad[0], quad[1], line, 0.6);
    if (x % MESH === 0) drawLine(canvas, quad[0], quad[3], line, 0.6);
  }
}

interface Axes {
  /** Corners of the ground: lower left, lower right, upper right, upper left of the frame. */
  base: readonly (readonly [number, number])[];
  /** From black to white above the lower left one, which nothing hides. */
  column: readonly [readonly [number, number], readonly [number, number]];
}

function labelAxes(
  canvas: Canvas,
  top: number,
  { nx, ny }: Frame,
  range: Range,
  { origin: [x, y], title }: SurfaceOptions,
  { base, column }: Axes,
): void {
  const label = (place: readonly [number, number], text: string, dx: number, dy: number): void => {
    const [width, height] = textSize(text);
    drawText(canvas, place[0] + dx * (width + 8) - width / 2, place[1] + dy - height / 2, text, LETTERS);
  };
  drawLine(canvas, column[0], column[1], BASE, 1);
  label(column[0], numberText(Number(range.low.toPrecision(4))), -0.5, 0);
  label(column[1], numberText(Number(range.high.toPrecision(4))), -0.5, 0);
  label(base[0]!, `${String(x)},${String(y)}`, 0, 18);
  label(base[1]!, `${String(x + nx - 1)},${String(y)}`, 0, 18);
  label(base[2]!, `${String(x + nx - 1)},${String(y + ny - 1)}`, 0.5, 0);
  drawText(canvas, 16, top + 12, title, LETTERS);
}
