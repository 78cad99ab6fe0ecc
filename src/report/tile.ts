/** One frame of a picture with what is marked on it: flags, contours, sources, regions, cuts. */
import type { Grid } from "./blocks.js";
import { drawCircle, drawLine, drawRect, drawTag, fillRect, type Canvas, type Color } from "./canvas.js";
import { paletteOf, type ColorMap } from "./colormap.js";
import { contourLines } from "./contours.js";
import type { Frame } from "./draw.js";
import type { Cut, Region } from "./measures.js";
import type { Painted } from "./quicklook.js";

export interface Tile {
  frame: Frame;
  /** Of the pixels as they are in the file, smoothed or not. */
  dq: Uint32Array | null;
  /** The part that is drawn. */
  section: Region;
  /** Drawn in its corner. */
  label: string | null;
  /** Places to circle, and centroids, pixels from 0. */
  marks: readonly { x: number; y: number }[];
  centroids: readonly { x: number; y: number }[];
  regions: readonly Region[];
  cuts: readonly Cut[];
  /** Flags to show, each in a colour of its own. */
  flags: readonly { name: string; bits: number }[];
  /** Where it stands, from the upper left. */
  column: number;
  row: number;
}

/** Colours of cuts and flags, told apart on any ground. */
export const LINE_COLORS: readonly Color[] = [
  [86, 204, 242],
  [255, 159, 67],
  [126, 217, 87],
  [240, 108, 155],
];
const MARK: Color = [92, 230, 150];
const FRAME: Color = [255, 214, 90];
const LABEL: Color = [236, 238, 244];
const LOWEST: Color = [70, 190, 235];
const HIGHEST: Color = [255, 110, 84];

const colorOf = (k: number): Color => LINE_COLORS[k % LINE_COLORS.length]!;

export interface Look {
  map: ColorMap;
  /** Radius of the circles, pixels of the frame; null: ten pixels of the picture. */
  radius: number | null;
  /** Values whose lines are drawn. */
  contours: readonly number[];
}

/** `values`: block averages of the section, as they were painted. */
export function drawTile(
  canvas: Canvas,
  [left, top]: readonly [number, number],
  tile: Tile,
  { painted, values, grid }: { painted: Painted; values: Float32Array; grid: Grid },
  { map, radius, contours }: Look,
): void {
  const { section, label, marks, centroids, regions, cuts } = tile;
  const { width, height, zoom } = painted;
  drawPainted(canvas, left, top, painted, map);
  const part: Canvas = { ...canvas, clip: [left, left + width, top, top + height] };
  const scale = zoom / grid.factor;
  const place = (x: number, y: number): [number, number] => [
    left + (x - section.x1 + 1.5) * scale - 0.5,
    top + height - (y - section.y1 + 1.5) * scale - 0.5,
  ];
  const counts = tile.flags.map(({ bits }, k) =>
    drawFlags(part, [left, top], tile, bits, grid, zoom, colorOf(k)),
  );
  contours.forEach((level, k) => {
    const t = contours.length > 1 ? k / (contours.length - 1) : 0;
    const color = LOWEST.map((low, n) => low + t * (HIGHEST[n]! - low)) as unknown as Color;
    const at = (x: number, y: number): [number, number] => [
      left + (x + 0.5) * zoom - 0.5,
      top + height - (y + 0.5) * zoom - 0.5,
    ];
    contourLines(values, grid, level, (x0, y0, x1, y1) => {
      drawLine(part, at(x0, y0), at(x1, y1), color, 1);
    });
  });
  for (const { x, y } of marks) drawCircle(part, place(x, y), radius === null ? 10 : radius * scale, MARK);
  for (const { x, y } of centroids) drawCross(part, place(x, y));
  regions.forEach(({ x1, x2, y1, y2 }, k) => {
    const [x, y] = place(x1 - 1.5, y2 - 0.5);
    drawRect(part, [x, y, (x2 - x1 + 1) * scale, (y2 - y1 + 1) * scale], FRAME);
    if (regions.length > 1) drawTag(part, x + 8, y + 8, String(k + 1), FRAME);
  });
  cuts.forEach(({ from, to }, k) => {
    drawLine(part, place(from[0] - 1, from[1] - 1), place(to[0] - 1, to[1] - 1), colorOf(k));
  });
  tile.flags.forEach(({ name }, k) => {
    const text = `${name} ${String(counts[k]!)}`;
    drawTag(part, left + 10, top + height - 28 - 26 * (tile.flags.length - 1 - k), text, colorOf(k));
  });
  if (label !== null) drawTag(part, left + 10, top + 10, label, LABEL);
}

function drawPainted(
  canvas: Canvas,
  left: number,
  top: number,
  { indices, width, height }: Painted,
  map: ColorMap,
): void {
  const palette = paletteOf(map);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 3 * ((top + y) * canvas.width + left + x);
      const color = 3 * indices[y * width + x]!;
      canvas.pixels[at] = palette[color]!;
      canvas.pixels[at + 1] = palette[color + 1]!;
      canvas.pixels[at + 2] = palette[color + 2]!;
    }
}

/** Paints the blocks that hold a flagged pixel; gives the number of flagged pixels. */
function drawFlags(
  canvas: Canvas,
  [left, top]: readonly [number, number],
  { frame: { nx }, dq, section: { x1, x2, y1, y2 } }: Tile,
  bits: number,
  { factor, width, height }: Grid,
  zoom: number,
  color: Color,
): number {
  if (!dq) return 0;
  let count = 0;
  const blocks = new Uint8Array(width * height);
  for (let y = y1 - 1; y < y2; y++)
    for (let x = x1 - 1; x < x2; x++) {
      if ((dq[y * nx + x]! & bits) === 0) continue;
      count++;
      blocks[Math.floor((y - y1 + 1) / factor) * width + Math.floor((x - x1 + 1) / factor)] = 1;
    }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (blocks[y * width + x])
        fillRect(canvas, [left + x * zoom, top + (height - 1 - y) * zoom, zoom, zoom], color, 0.75);
  return count;
}

function drawCross(canvas: Canvas, [x, y]: readonly [number, number]): void {
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const)
    drawLine(canvas, [x + 4 * dx, y + 4 * dy], [x + 14 * dx, y + 14 * dy], MARK);
}
