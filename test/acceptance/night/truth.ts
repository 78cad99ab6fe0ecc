/** What the simulator says is in the field: its stars, their light frame by frame, and where cosmic rays struck. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { keywordsOf, openFits, readImage, readTable, type ColumnData } from "../../../src/fits/index.js";
import { readWcs, type Wcs } from "../../../src/wcs/index.js";

export interface Frame {
  nx: number;
  ny: number;
  wcs: Wcs;
  /** Starlight, e⁻/s: the sky is taken out. */
  light: Float32Array;
  /** Cosmic-ray deposits per pixel. */
  struck: Uint8Array;
}

export interface TrueStar {
  ra: number;
  dec: number;
  /** e⁻/s. */
  flux: number;
}

export interface Field {
  frames: Frame[];
  stars: TrueStar[];
  filter: string;
  /** Sky in e⁻/s per pixel. */
  sky: number;
}

/** Star positions that agree to this many decimals of a degree are one star seen in several frames. */
const SAME = 8;

/** The field of the science exposures whose truth lies in `folder`. */
export function readField(folder: string): Field {
  const names = readdirSync(folder).filter((name) => /_SCI_.*_truth\.fits$/.test(name));
  const stars = new Map<string, TrueStar>();
  let [filter, sky] = ["", 0];
  const frames = names.sort().map((name): Frame => {
    const file = openFits(join(folder, name));
    try {
      const primary = keywordsOf(file.hdus[0]!.header);
      [filter, sky] = [String(primary["FILTER"]), Number(primary["SKYRATE"])];
      const rate = file.hdu("RATE")!;
      const wcs = readWcs(keywordsOf(rate.header));
      if ("none" in wcs) throw new Error(`${name}: ${wcs.none}`);
      const { data, shape } = readImage(file, rate);
      const table = readTable(file, file.hdu("STARS")!);
      const column = (title: string): ColumnData => table.column(title)!.data!;
      const [ra, dec, flux] = [column("RA"), column("DEC"), column("FLUX")];
      for (let k = 0; k < table.rows; k++) {
        const star = { ra: Number(ra[k]), dec: Number(dec[k]), flux: Number(flux[k]) };
        stars.set(`${star.ra.toFixed(SAME)} ${star.dec.toFixed(SAME)}`, star);
      }
      return {
        nx: shape[1]!,
        ny: shape[0]!,
        wcs,
        light: Float32Array.from(data as Float32Array, (value) => value - sky),
        struck: Uint8Array.from(readImage(file, file.hdu("CR")!).data as Uint8Array),
      };
    } finally {
      file.close();
    }
  });
  return { frames, stars: [...stars.values()].sort((a, b) => b.flux - a.flux), filter, sky };
}
