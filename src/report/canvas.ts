/** A picture in colours that lines, circles and labels are drawn on; rows from the top. */
import { GLYPH, glyphOf } from "./glyphs.js";

export type Color = readonly [number, number, number];

export interface Canvas {
  width: number;
  height: number;
  /** RGB triples. */
  pixels: Uint8Array;
  /** Part that may be drawn on, [x0, x1) and [y0, y1); all of it when absent. */
  clip?: readonly [x0: number, x1: number, y0: number, y1: number];
}

export function makeCanvas(width: number, height: number, color: Color): Canvas {
  const pixels = new Uint8Array(3 * width * height);
  for (let i = 0; i < pixels.length; i += 3) pixels.set(color, i);
  return { width, height, pixels };
}

/** Mixes a colour into a pixel; beyond the canvas there is nothing. */
function blend(canvas: Canvas, x: number, y: number, color: Color, part: number): void {
  const { width, height, pixels, clip } = canvas;
  if (x < 0 || y < 0 || x >= width || y >= height || part <= 0) return;
  if (clip && (x < clip[0] || x >= clip[1] || y < clip[2] || y >= clip[3])) return;
  const at = 3 * (y * width + x);
  for (let c = 0; c < 3; c++)
    pixels[at + c] = Math.round(pixels[at + c]! + (color[c]! - pixels[at + c]!) * Math.min(1, part));
}

export function fillRect(
  canvas: Canvas,
  [x, y, width, height]: readonly [number, number, number, number],
  color: Color,
  part = 1,
): void {
  for (let j = Math.round(y); j < Math.round(y + height); j++)
    for (let i = Math.round(x); i < Math.round(x + width); i++) blend(canvas, i, j, color, part);
}

type Corners = readonly [Point, Point, Point, Point];
type Point = readonly [number, number];

/** A convex shape of four corners, one row of pixels after the other; neighbours leave no gap. */
export function fillQuad(canvas: Canvas, corners: Corners, color: Color): void {
  const rows = corners.map(([, y]) => y);
  const last = Math.ceil(Math.max(...rows));
  for (let y = Math.floor(Math.min(...rows)); y <= last; y++) {
    let [left, right] = [Infinity, -Infinity];
    corners.forEach(([ax, ay], k) => {
      const [bx, by] = corners[(k + 1) % 4]!;
      const [low, high] = [Math.max(Math.min(ay, by), y - 0.5), Math.min(Math.max(ay, by), y + 0.5)];
      if (low > high) return;
      for (const at of [low, high]) {
        const x = ay === by ? ax : ax + ((at - ay) / (by - ay)) * (bx - ax);
        left = Math.min(left, x);
        right = Math.max(right, x);
      }
      if (ay === by) [left, right] = [Math.min(left, bx), Math.max(right, bx)];
    });
    for (let x = Math.floor(left); x <= Math.ceil(right); x++) blend(canvas, x, y, color, 1);
  }
}

/** Smooth, a pixel or more wide: each pixel as much as its centre is near. */
export function drawLine(
  canvas: Canvas,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  color: Color,
  thickness = 1.4,
): void {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const reach = thickness / 2 + 0.5;
  const steep = Math.abs(y1 - y0) > Math.abs(x1 - x0);
  const [from, to] = steep ? [Math.min(y0, y1), Math.max(y0, y1)] : [Math.min(x0, x1), Math.max(x0, x1)];
  const wide = Math.ceil(reach * Math.SQRT2);
  for (let a = Math.floor(from - reach); a <= Math.ceil(to + reach); a++) {
    const t = steep ? (a - y0) / (y1 - y0 || 1) : (a - x0) / (x1 - x0 || 1);
    const middle = Math.round(steep ? x0 + t * (x1 - x0) : y0 + t * (y1 - y0));
    for (let b = middle - wide; b <= middle + wide; b++) {
      const [x, y] = steep ? [b, a] : [a, b];
      const u = length > 0 ? ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length : 0;
      const away = Math.hypot(x - x0, y - y0) ** 2 - u * u;
      const beyond = Math.max(0, -u, u - length);
      blend(canvas, x, y, color, reach - Math.sqrt(Math.max(0, away)) - beyond);
    }
  }
}

export function drawCircle(
  canvas: Canvas,
  [x, y]: readonly [number, number],
  radius: number,
  color: Color,
  thickness = 1.5,
): void {
  const reach = Math.ceil(radius + thickness);
  for (let j = Math.floor(y - reach); j <= Math.ceil(y + reach); j++)
    for (let i = Math.floor(x - reach); i <= Math.ceil(x + reach); i++)
      blend(canvas, i, j, color, thickness / 2 + 0.5 - Math.abs(Math.hypot(i - x, j - y) - radius));
}

export function drawRect(
  canvas: Canvas,
  [x, y, width, height]: readonly [number, number, number, number],
  color: Color,
): void {
  const corners: [number, number][] = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
  corners.forEach((corner, k) => {
    drawLine(canvas, corner, corners[(k + 1) % 4]!, color);
  });
}

/** Width and height of a label. */
export const textSize = (text: string, scale = 2): [number, number] => [
  [...text].length * (GLYPH.width + 1) * scale - scale,
  GLYPH.height * scale,
];

/** A label whose upper left corner is (x, y). */
export function drawText(canvas: Canvas, x: number, y: number, text: string, color: Color, scale = 2): void {
  [...text].forEach((character, k) => {
    const left = Math.round(x) + k * (GLYPH.width + 1) * scale;
    glyphOf(character).forEach((row, j) => {
      for (let i = 0; i < GLYPH.width; i++)
        if (row & (1 << (GLYPH.width - 1 - i)))
          fillRect(canvas, [left + i * scale, Math.round(y) + j * scale, scale, scale], color);
    });
  });
}

/** A label on a dark ground, kept within the canvas. */
export function drawTag(canvas: Canvas, x: number, y: number, text: string, color: Color): void {
  const [width, height] = textSize(text);
  const left = Math.max(4, Math.min(canvas.width - width - 8, x));
  const top = Math.max(4, Math.min(canvas.height - height - 8, y));
  fillRect(canvas, [left - 4, top - 4, width + 8, height + 8], [5, 6, 12], 0.72);
  drawText(canvas, left, top, text, color);
}
