/** Reads what an instrument may look at, headers and shapes but no pixels, from an open FITS file. */
import type { Keywords } from "../data/exposure.js";
import type { FitsFile, Hdu } from "../fits/file.js";
import { keywordsOf } from "../fits/header.js";
import { readImage } from "../fits/image.js";
import type { HduFacts, RawFacts } from "./define.js";

/** HDUs that hold the science array, by preference; then the first image with data. */
const SCIENCE = ["SCI", "DATA"];

function factsOf(hdu: Hdu): HduFacts {
  let header: Keywords | undefined;
  return {
    name: hdu.name.toUpperCase(),
    axes: hdu.image?.axes ?? [],
    bitpix: hdu.image?.bitpix ?? 8,
    version: hdu.version,
    // Long headers are read only where somebody asks.
    get header() {
      return (header ??= keywordsOf(hdu.header));
    },
  };
}

/**
 * Primary and science header merged, and every HDU's name and axes.
 * `science` is −1 when no HDU holds an image with data.
 */
export function readFacts(file: FitsFile): RawFacts {
  const images = file.hdus.filter((hdu) => hdu.image && hdu.image.axes.length > 0);
  const named = SCIENCE.map((name) => images.find((hdu) => hdu.name.toUpperCase() === name)).find(Boolean);
  const science = named ?? images[0];
  const primary = file.hdus[0];
  const header: Keywords = {
    ...(primary ? keywordsOf(primary.header) : {}),
    ...(science && science !== primary ? keywordsOf(science.header) : {}),
  };
  return {
    path: file.path,
    header,
    hdus: file.hdus.map(factsOf),
    science: science?.index ?? -1,
    values: (hdu) => {
      const { data } = readImage(file, file.hdus[hdu]!);
      return Float64Array.from(data as ArrayLike<number | bigint>, Number);
    },
  };
}
