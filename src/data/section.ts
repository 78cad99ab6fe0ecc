/** Image sections as IRAF writes them in headers: "[x1:x2,y1:y2]", 1-based, both ends included. */
import type { Rectangle } from "./parts.js";

const SECTION = /^\s*\[\s*(\d+)\s*:\s*(\d+)\s*,\s*(\d+)\s*:\s*(\d+)\s*\]\s*$/;

/** The zero-based rectangle of a section, whichever way its ranges run; null for any other text. */
export function parseSection(text: string): Rectangle | null {
  const numbers = SECTION.exec(text)?.slice(1).map(Number);
  if (!numbers) return null;
  const [x1, x2, y1, y2] = numbers as [number, number, number, number];
  if (Math.min(...numbers) < 1) return null;
  return {
    x0: Math.min(x1, x2) - 1,
    y0: Math.min(y1, y2) - 1,
    nx: Math.abs(x2 - x1) + 1,
    ny: Math.abs(y2 - y1) + 1,
  };
}

export const formatSection = ({ x0, y0, nx, ny }: Rectangle): string =>
  `[${String(x0 + 1)}:${String(x0 + nx)},${String(y0 + 1)}:${String(y0 + ny)}]`;

/** Does the rectangle lie in a frame of these sides? */
export const isWithin = ({ x0, y0, nx, ny }: Rectangle, width: number, height: number): boolean =>
  x0 + nx <= width && y0 + ny <= height;
