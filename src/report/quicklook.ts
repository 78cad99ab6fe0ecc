/** A picture of a frame: block averages, black at the sky, a curve that shows faint and bright, as the pixels lie. */
import { averageOf, gridOf, sumRows, type Grid, type Piece } from "./blocks.js";
import { BAD_INDEX, paletteOf, type ColorMap } from "./colormap.js";
import { encodePng } from "./png.js";
import { rangeOf, stretchTable, type Range, type Stretch } from "./stretch.js";

export interface QuicklookOptions {
  /** Longest side of the picture in pixels; small frames are magnified by a whole number up to it. */
  size?: number;
  stretch?: Stretch;
  map?: ColorMap;
  /** Black and white; found from the pixels when not given. */
  range?: Range & { softening?: number };
  /** Bright sources dark. */
  invert?: boolean;
}

export interface Quicklook {
  grid: Grid;
  /** Rows of the frame in any order; or, from another thread, what `sumRows` made of them. */
  addRows(y0: number, ny: number, sci: Float32Array, dq: Uint32Array | null): void;
  add(piece: Piece): void;
  png(): Uint8Array;
  picture(): Picture;
}

export interface Picture {
  png: Uint8Array;
  width: number;
  height: number;
  stretch: Stretch;
  /** Values drawn black and white. */
  low: number;
  high: number;
}

/** Written into every picture, so that one of ours is known from one of the user's. */
export const SOFTWARE = "iris";
export const DEFAULT_SIZE = 1024;
const MAX_MAGNIFICATION = 16;
const LEVELS = 16384;

/** Takes a frame by rows, so that no whole plane need be in memory. */
export function openQuicklook(frame: { nx: number; ny: number } & QuicklookOptions): Quicklook {
  const { nx, ny, size = DEFAULT_SIZE, ...options } = frame;
  const grid = gridOf(nx, ny, size);
  const pieces: Piece[] = [];
  const picture = (): Picture => draw(averageOf(grid, pieces), grid, { size, ...options });
  return {
    grid,
    addRows: (y0, rows, sci, dq) => void pieces.push(sumRows(grid, y0, rows, sci, dq)),
    add: (piece) => void pieces.push(piece),
    png: () => picture().png,
    picture,
  };
}

/** A whole frame at once. */
export function makeQuicklook(
  image: { sci: Float32Array; dq: Uint32Array | null; nx: number; ny: number },
  options: QuicklookOptions = {},
): Uint8Array {
  const quicklook = openQuicklook({ nx: image.nx, ny: image.ny, ...options });
  quicklook.addRows(0, image.ny, image.sci, image.dq);
  return quicklook.png();
}

export interface Painted {
  /** Brightness of each pixel of the picture, rows from the top; BAD_INDEX where there is no good value. */
  indices: Uint8Array;
  width: number;
  height: number;
  /** Pixels of the picture for one block of the frame. */
  zoom: number;
  stretch: Stretch;
  low: number;
  high: number;
}

/** Block averages as brightness. */
export function paint(
  values: Float32Array,
  grid: Grid,
  { size = DEFAULT_SIZE, stretch = "asinh", invert = false, range }: Omit<QuicklookOptions, "map">,
): Painted {
  const { low, high, softening } = range ? { softening: 0.1, ...range } : rangeOf(values, stretch);
  // Brightness of each level.
  const bright = Uint8Array.from(stretchTable(stretch, LEVELS, softening), (part) => {
    const shade = Math.round(part * (BAD_INDEX - 1));
    return invert ? BAD_INDEX - 1 - shade : shade;
  });
  const { width, height } = grid;
  const zoom = Math.max(1, Math.min(MAX_MAGNIFICATION, Math.floor(size / Math.max(width, height))));
  const indices = new Uint8Array(width * height * zoom * zoom);
  const scale = (LEVELS - 1) / (high - low);
  const stride = width * zoom;
  for (let y = 0; y < height; y++) {
    // The first row of a FITS image is the lowest of the picture.
    const top = (height - 1 - y) * zoom * stride;
    for (let x = 0, at = top; x < width; x++) {
      const v = values[y * width + x]!;
      const level = Math.max(0, Math.min(LEVELS - 1, Math.round((v - low) * scale)));
      const index = v === v ? bright[level]! : BAD_INDEX;
      for (let k = 0; k < zoom; k++) indices[at++] = index;
    }
    for (let k = 1; k < zoom; k++) indices.copyWithin(top + k * stride, top, top + stride);
  }
  return { indices, width: stride, height: height * zoom, zoom, stretch, low, high };
}

/** What the picture says of itself, in its tEXt chunks. */
export function textsOf({ stretch, low, high }: Painted, { factor }: Grid): Record<string, string> {
  const text = (value: number): string => value.toPrecision(6);
  return {
    Software: SOFTWARE,
    Description: `${stretch} stretch from ${text(low)} to ${text(high)}; ${String(factor)} x ${String(factor)} pixels each`,
  };
}

function draw(values: Float32Array, grid: Grid, options: QuicklookOptions): Picture {
  const painted = paint(values, grid, options);
  const { indices, width, height, stretch, low, high } = painted;
  const palette = paletteOf(options.map ?? "night");
  const png = encodePng(indices, width, height, { palette, texts: textsOf(painted, grid) });
  return { png, width, height, stretch, low, high };
}
