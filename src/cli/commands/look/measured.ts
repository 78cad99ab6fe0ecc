/** A frame of `iris look` with all that is asked of it: marks, regions, cuts, histogram. */
import { DQ } from "../../../data/dq.js";
import type { Columns } from "../../../data/columns.js";
import type { Keywords } from "../../../data/exposure.js";
import { keywordsOf, type FitsFile, type Hdu } from "../../../fits/index.js";
import { readFrame, type Frame, type Shown } from "../../../report/draw.js";
import {
  histogramOf,
  regionStats,
  valuesAlong,
  type Cut,
  type CutValues,
  type RegionStats,
} from "../../../report/measures.js";
import type { Plot } from "../../../report/plot.js";
import { centroidOf, type Centroid } from "../../../report/centroid.js";
import { smooth } from "../../../report/smooth.js";
import type { Range } from "../../../report/stretch.js";
import { LINE_COLORS, type Tile } from "../../../report/tile.js";
import { pixelScales, pixelToSky, readWcs } from "../../../wcs/index.js";
import { marksOf } from "./marks.js";
import { spectraOf, spectrumPlots, type CubeSpectrum } from "./spectra.js";
import { cutOf, flagsOf, pointOf, regionOf, smoothingOf, type LookOptions } from "./wishes.js";

export interface Catalog {
  name: string;
  table: Columns;
}

export interface Measured {
  header: Keywords;
  tile: Tile;
  cuts: { cut: Cut; values: CutValues }[];
  stats: RegionStats[];
  /** Stars near the places that were given, with right ascension and declination where the frame has them. */
  centroids: (Centroid & { ra: number | null; dec: number | null })[];
  spectra: CubeSpectrum[];
  /** BUNIT, or "value". */
  unit: string;
}

/** Whether the picture needs the frame whole, and not only its block averages. */
export const wantsFrame = (options: LookOptions): boolean =>
  options.cut.length > 0 ||
  options.region.length > 0 ||
  options.stats === true ||
  options.histogram === true ||
  options.smooth !== undefined ||
  options.catalog !== undefined ||
  options.section !== undefined ||
  options.flags !== undefined ||
  options.contours !== undefined ||
  options.surface === true ||
  options.centroid.length > 0 ||
  options.spectrum.length > 0 ||
  options.layout === true;

/** Numbers are taken of the pixels as they are in the file; smoothing is for the eye. */
export function measureFrame(
  file: FitsFile,
  hdu: Hdu,
  shown: Shown,
  options: LookOptions,
  catalog: Catalog | null,
): Measured {
  const frame = readFrame(file, hdu, shown);
  const header = { ...keywordsOf(file.hdus[0]!.header), ...keywordsOf(hdu.header) };
  const cuts = options.cut.map((text) => cutOf(text, frame));
  const regions = options.region.map((text) => regionOf(text, frame));
  const whole = { x1: 1, x2: frame.nx, y1: 1, y2: frame.ny };
  const wanted = regions.length > 0 ? regions : options.stats ? [whole] : [];
  const unit = header["BUNIT"];
  const wcs = readWcs(header);
  const pixelArea = "none" in wcs ? null : pixelScales(wcs).reduce((area, side) => area * side * 3600, 1);
  const measured = {
    header,
    cuts: cuts.map((cut) => ({ cut, values: valuesAlong(frame, cut) })),
    spectra: spectraOf(file, hdu, header, frame, options),
    stats: wanted.map((region) => regionStats(frame, region, pixelArea)),
    centroids: options.centroid.map((text) => {
      const star = centroidOf(frame, pointOf(text, frame));
      const [ra, dec] =
        star.x === null || "none" in wcs ? [null, null] : pixelToSky(wcs, star.x - 1, star.y! - 1);
      return { ...star, ra, dec };
    }),
    unit: typeof unit === "string" && unit !== "" ? unit : "value",
  };
  const marks = catalog ? marksOf(catalog.table, catalog.name, header, frame) : [];
  const tile = {
    frame: smoothed(frame, options),
    dq: frame.dq,
    section: options.section === undefined ? whole : regionOf(options.section, frame),
    label: null,
    marks,
    centroids: measured.centroids.flatMap(({ x, y }) => (x === null ? [] : [{ x: x - 1, y: y! - 1 }])),
    regions,
    cuts,
    flags: flagsOf(options),
    column: 0,
    row: 0,
  };
  return { ...measured, tile };
}

function smoothed(frame: Frame, options: LookOptions): Frame {
  const smoothing = smoothingOf(options.smooth);
  if (smoothing === null) return frame;
  const sci = frame.sci.slice();
  const bad = frame.dq && Uint8Array.from(frame.dq, (flags) => flags & DQ.DO_NOT_USE);
  smooth(sci, bad, frame.nx, frame.ny, smoothing);
  return { ...frame, sci, dq: null };
}

/** Curves of the cuts, and the histogram over the values from black to white. */
export function plotsOf(all: readonly Measured[], histogram: boolean, { low, high }: Range): Plot[] {
  const plots = all.flatMap(({ cuts, unit, tile: { label } }) =>
    cuts.map(({ cut, values }, k): Plot => {
      const [dx, dy] = [cut.to[0] - cut.from[0], cut.to[1] - cut.from[1]];
      const along = dy === 0 ? values.x : dx === 0 ? values.y : values.distance;
      const what = dy === 0 ? "column" : dx === 0 ? "row" : "pixels from the first";
      const ends = `${cut.from.join(",")} to ${cut.to.join(",")}`;
      const name = /^(row|column)\d/.test(cut.name)
        ? cut.name.replace(/\d+$/, (n) => ` ${n}`)
        : `${cut.name === "diagonal" ? "diagonal " : ""}${ends}`;
      return {
        title: `${label === null ? "" : `${label} `}${name}, ${unit}`,
        xLabel: what,
        x: along,
        y: values.value,
        color: LINE_COLORS[k % LINE_COLORS.length]!,
      };
    }),
  );
  plots.push(...all.flatMap(({ spectra, unit }) => spectrumPlots(spectra, unit)));
  if (!histogram) return plots;
  const bins = all.map(({ tile }) => histogramOf(tile.frame, low, high));
  const count = bins[0]!.count.map((_, k) => bins.reduce((sum, each) => sum + each.count[k]!, 0));
  const bars = {
    title: "pixels from black to white",
    xLabel: all[0]!.unit,
    x: bins[0]!.value,
    y: count,
    bars: true,
    color: [150, 164, 196] as const,
  };
  return [...plots, bars];
}

/** A line per pixel. */
export function csvOf({ x, y, value, error }: CutValues): string {
  const lines = x.map((column, k) =>
    [column, y[k]!, value[k]!, ...(error ? [error[k]!] : [])]
      .map((v) => (Number.isNaN(v) ? "" : String(v)))
      .join(","),
  );
  return `# iris look\nx,y,value${error ? ",error" : ""}\n${lines.join("\n")}\n`;
}
