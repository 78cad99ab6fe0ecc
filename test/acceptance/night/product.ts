/** The mosaic as the reduction left it, whole in memory. */
import { DQ } from "../../../src/data/dq.js";
import { keywordsOf, openFits, readImage } from "../../../src/fits/index.js";
import { readWcs, type Wcs } from "../../../src/wcs/index.js";

export interface Mosaic {
  nx: number;
  ny: number;
  wcs: Wcs;
  sci: Float32Array;
  err: Float32Array;
  /** 1 where the product has no value that it vouches for. */
  bad: Uint8Array;
}

export function readMosaic(path: string): Mosaic {
  const file = openFits(path);
  try {
    const hdu = file.hdu("SCI")!;
    const wcs = readWcs(keywordsOf(hdu.header));
    if ("none" in wcs) throw new Error(`${path}: ${wcs.none}`);
    const [ny, nx] = readImage(file, hdu).shape as [number, number];
    const sci = readImage(file, hdu).data as Float32Array;
    const dq = readImage(file, file.hdu("DQ")!).data;
    const bad = Uint8Array.from(sci, (value, i) =>
      value - value !== 0 || Number(dq[i]) & DQ.DO_NOT_USE ? 1 : 0,
    );
    return { nx, ny, wcs, sci, err: readImage(file, file.hdu("ERR")!).data as Float32Array, bad };
  } finally {
    file.close();
  }
}
