/** Colour maps for quicklooks: 255 brightness levels and one colour that stands for "no good pixel". */

/** Lightness grows steadily along each map, so that it reads the same in grey. */
const maps = {
  grey: ["#000000", "#ffffff"],
  heat: ["#000000", "#520000", "#a81c00", "#e66a00", "#ffc23d", "#ffffff"],
  viridis: [
    "#440154",
    "#472d7b",
    "#3b528b",
    "#2c728e",
    "#21918c",
    "#28ae80",
    "#5ec962",
    "#addc30",
    "#fde725",
  ],
  night: ["#05060c", "#131a38", "#2b3d6b", "#5b6f96", "#a09a94", "#dcc08a", "#fff4d2"],
} as const;

export type ColorMap = keyof typeof maps;
export const colorMaps = Object.keys(maps) as ColorMap[];

/** Index of the colour of pixels without a good value. */
export const BAD_INDEX = 255;
const BAD_COLOR = "#6e2b34";

/** 256 RGB triples: 0 … 254 dark to bright, 255 bad. */
export function paletteOf(map: ColorMap): Uint8Array {
  const stops = maps[map].map(rgb);
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < BAD_INDEX; i++) {
    const place = (i / (BAD_INDEX - 1)) * (stops.length - 1);
    const k = Math.min(Math.floor(place), stops.length - 2);
    const [a, b] = [stops[k]!, stops[k + 1]!];
    for (let c = 0; c < 3; c++) palette[i * 3 + c] = Math.round(a[c]! + (b[c]! - a[c]!) * (place - k));
  }
  palette.set(rgb(BAD_COLOR), BAD_INDEX * 3);
  return palette;
}

const rgb = (hex: string): [number, number, number] => [
  parseInt(hex.slice(1, 3), 16),
  parseInt(hex.slice(3, 5), 16),
  parseInt(hex.slice(5, 7), 16),
];
