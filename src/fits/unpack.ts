/** Tile-compressed images back to plain ones, and copies of whole files without their wrapper. */
import { intoBigEndian } from "./bytes.js";
import type { FitsFile, Hdu } from "./file.js";
import { getValue } from "./header.js";
import { readImage, readSamples } from "./image.js";
import { readSection } from "./section.js";
import { copiedHdu, emptyPrimary, madeHdu, type Piece } from "./pieces.js";
import type { Section } from "./locate.js";
import { encodeImage } from "./write.js";
import { isPackedTable, unpackTable } from "./tiles/table.js";

/** The image of a tile-compressed HDU as a plain one. */
function unpackedImage(file: FitsFile, hdu: Hdu, primary: boolean): Piece {
  const { bitpix, axes } = hdu.tiles!;
  const cards = hdu.header.cards.filter(
    ({ keyword, value }) =>
      (primary || keyword !== "EXTEND") && !(keyword === "EXTNAME" && value === "COMPRESSED_IMAGE"),
  );
  if (axes.length === 0) return madeHdu({ bitpix, axes, cards }, new Uint8Array(0), primary);
  if (bitpix < 0 && hdu.image && (hdu.image.bscale !== 1 || hdu.image.bzero !== 0)) {
    // Scaled floats become the numbers that they stand for.
    const { spec, bytes } = encodeImage({ ...readImage(file, hdu), cards });
    return madeHdu(spec, bytes, primary);
  }
  return madeHdu({ bitpix, axes, cards }, intoBigEndian(readSamples(file, hdu)), primary);
}

/** Was this image the primary before it was packed, and stands behind an empty one now? */
const wasPrimary = (hdus: readonly Hdu[], hdu: Hdu): boolean =>
  hdu.index === 1 &&
  hdu.tiles !== null &&
  getValue(hdu.stored, "ZSIMPLE") !== undefined &&
  hdus[0]?.image === null;

/** All HDUs of `file` (or chosen ones) unpacked; what isn't packed is copied byte by byte. */
export function* unpackedPieces(file: FitsFile, chosen: readonly Hdu[] = file.hdus): Generator<Piece> {
  const restored = chosen.some((hdu) => wasPrimary(file.hdus, hdu));
  let first = true;
  for (const hdu of chosen) {
    if (restored && hdu.index === 0) continue;
    const primary = first && (hdu.index === 0 || wasPrimary(file.hdus, hdu));
    if (first && !primary) yield emptyPrimary();
    first = false;
    if (hdu.tiles) yield unpackedImage(file, hdu, primary);
    else if (isPackedTable(hdu)) {
      const { spec, bytes } = unpackTable(file, hdu);
      yield madeHdu(spec, bytes, false);
    } else yield copiedHdu(file, hdu);
  }
}

const sectionKeyword = /^(CRPIX|LTV)(\d)[A-Z]?$/;

/** A section as a file of its own; reference pixels move with it. */
export function sectionPieces(file: FitsFile, hdu: Hdu, section: Section): Piece[] {
  const { data, shape } = readSection(file, hdu, section);
  const cards = hdu.header.cards.map((card) => {
    const match = sectionKeyword.exec(card.keyword);
    const range = match ? section[Number(match[2]) - 1] : null;
    return range && typeof card.value === "number"
      ? { keyword: card.keyword, value: card.value - (range[0] - 1) }
      : card;
  });
  const scaling = /^(BSCALE|BZERO|BLANK|XTENSION|EXTEND)$/;
  const own = cards.filter(({ keyword }) => !scaling.test(keyword));
  const { spec, bytes } = encodeImage({ data, shape, cards: own });
  return [madeHdu(spec, bytes, true)];
}
