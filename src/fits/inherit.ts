/** INHERIT: keywords that an extension shares with the primary header (FITS 4.0 §4.4.2.6, Appendix K). */
import type { FitsFile, Hdu } from "./file.js";
import { getValue, type Header } from "./header.js";

/** Keywords that speak of the primary's own data or structure are never inherited. */
const own =
  /^(SIMPLE|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BSCALE|BZERO|BLANK|EXTNAME|EXTVER|EXTLEVEL|INHERIT|CHECKSUM|DATASUM|COMMENT|HISTORY|)$/;

/** The header of `hdu` with what it inherits behind its own cards; its own header where INHERIT isn't T. */
export function inheritedHeader(file: FitsFile, hdu: Hdu): Header {
  const primary = file.hdus[0]!;
  if (hdu === primary || primary.image !== null || getValue(hdu.header, "INHERIT") !== true)
    return hdu.header;
  const present = new Set(hdu.header.cards.map(({ keyword }) => keyword));
  const inherited = primary.header.cards.filter(({ keyword }) => !own.test(keyword) && !present.has(keyword));
  return { cards: [...hdu.header.cards, ...inherited] };
}
