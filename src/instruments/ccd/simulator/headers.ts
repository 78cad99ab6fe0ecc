/** The keywords of simulated CCD frames: sections of one amplifier as NOAO has them, of several in IRAF's quadformat. */
import { formatSection } from "../../../data/section.js";
import type { Card, Value } from "../../../fits/index.js";
import { tanCards } from "../../common/simulator/tan-cards.js";
import { ADC_TOP, PIXEL_SCALE, PRESCAN, strideOf, widthOf, type Chip } from "./camera.js";
import type { FrameType, SimulatedFrame } from "./expose.js";
import { tangentPixel } from "./field.js";

const card = (keyword: string, value: Value, comment: string): Card => ({ keyword, value, comment });

const TYPES: Readonly<Record<FrameType, string>> = {
  BIAS: "zero",
  DARK: "dark",
  FLAT: "flat",
  SCI: "object",
};

function sectionCards(chip: Chip): Card[] {
  const { nx, ny, outputs, overscan } = chip;
  const [width, stride] = [widthOf(chip), strideOf(chip)];
  const section = (x0: number, columns: number): string => formatSection({ x0, y0: 0, nx: columns, ny });
  if (outputs.length === 1) {
    const { gain, readNoise } = outputs[0]!;
    return [
      card("CCDSEC", section(0, nx), "where the data lie on the chip"),
      card("DATASEC", section(PRESCAN, nx), "pixels that see light"),
      card("TRIMSEC", section(PRESCAN, nx), "pixels to keep"),
      ...(overscan > 0 ? [card("BIASSEC", section(PRESCAN + nx, overscan), "overscan")] : []),
      card("GAIN", gain, "[electron/DN]"),
      card("RDNOISE", readNoise, "[electron]"),
    ];
  }
  return [
    card("AMPLIST", outputs.map(({ name }) => name).join(" "), "amplifiers"),
    ...outputs.flatMap(({ name, gain, readNoise }, k) => [
      card(`CSEC${name}`, section(k * width, width), "where the data lie on the chip"),
      card(`DSEC${name}`, section(k * stride + PRESCAN, width), "pixels that see light"),
      card(`TSEC${name}`, section(k * stride + PRESCAN, width), "pixels to keep"),
      ...(overscan > 0
        ? [card(`BSEC${name}`, section(k * stride + PRESCAN + width, overscan), "overscan")]
        : []),
      card(`GTGAIN${name}`, gain, "[electron/DN]"),
      card(`GTRON${name}`, readNoise, "[electron]"),
    ]),
  ];
}

const isoOf = (ms: number): string => new Date(ms).toISOString().slice(0, -1);

/** The header of a raw frame. The coordinates are those of the first amplifier's pixels; trimmed, of all. */
export function frameCards(frame: SimulatedFrame, name: string): Card[] {
  const { chip, type, exptime, filter, pointing, seed, start, number, object } = frame;
  const { x, y } = tangentPixel(chip, pointing);
  return [
    ...commonCards(name, seed),
    card("DATE", isoOf(start + exptime * 1000), "date that this file was written (simulated)"),
    card("IMAGETYP", TYPES[type], "type of frame"),
    card("OBJECT", object, "target"),
    card("OBSNUM", number, "number of the frame"),
    card("DATE-OBS", isoOf(start), "UTC at start"),
    card("EXPTIME", exptime, "[s] exposure time"),
    card("FILTER", filter, "filter"),
    card("CCDSUM", "1 1", "binning"),
    card("CCDSIZE", formatSection({ x0: 0, y0: 0, nx: chip.nx, ny: chip.ny }), "the whole chip"),
    card("SATURATE", ADC_TOP, "[DN] largest number of the converter"),
    ...sectionCards(chip),
    ...(type === "SCI" ? tanCards({ x: x + PRESCAN, y }, pointing, PIXEL_SCALE) : []),
  ];
}

/** What raw frames and truths have in common. */
export const commonCards = (name: string, seed: number): Card[] => [
  card("FILENAME", name, "name of this file"),
  card("ORIGIN", "iris sim", "made by a simulator, not observed"),
  card("SIMSEED", seed, "seed of the simulation"),
  card("TELESCOP", "simulated", "telescope"),
  card("INSTRUME", "SIMCCD", "instrument"),
];

/** Coordinates of the truth: of the trimmed frame. */
export const truthCards = ({ chip, pointing }: SimulatedFrame): Card[] =>
  tanCards(tangentPixel(chip, pointing), pointing, PIXEL_SCALE);
