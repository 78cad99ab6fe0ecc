/**
 * FITS files: headers, images, row sections, tables; written by position with checksums.
 *
 *     const file = openFits("raw.fits");
 *     const sci = file.hdu("SCI", 1)!;
 *     const { data, shape } = readImage(file, sci);
 *     getValue(sci.header, "EXPTIME");
 */
export type { Card, Complex, Deviation, Value } from "./cards.js";
export { formatNumber, parseNumber } from "./cards.js";
export type { Header } from "./header.js";
export {
  blockLength,
  canonicalKeyword,
  formatHeader,
  getValue,
  keywordsOf,
  parseHeader,
  withCard,
} from "./header.js";
export { formatCard } from "./format.js";
export type { Bitpix, HduType, ImageInfo } from "./scan.js";
export type { FitsFile, Hdu } from "./file.js";
export { isFitsName } from "./name.js";
export { describeHdu, openFits } from "./file.js";
export type { ImageData } from "./image.js";
export type { TypedArray } from "./typed-array.js";
export { dtypeOf, isUnsignedConvention, readImage, readRows } from "./image.js";
export { addDatasum, datasum, encodeChecksum } from "./checksum.js";
export type { ColumnSpec, HduSpec, ImageSpec, TableSpec } from "./structure.js";
export type { FitsLayout, FitsWriter, Finish, HduPlace } from "./writer.js";
export { createFits, layoutOf } from "./writer.js";
export type { HduContent, ImageContent } from "./write.js";
export { encodeImage, writeFits } from "./write.js";
export type { ColumnData } from "./cells.js";
export type { Cell, Column, Table } from "./table.js";
export { readTable } from "./table.js";
export type { ImageStats } from "./stats.js";
export { imageStats } from "./stats.js";
export { imageSpread } from "./stats.js";
export type { Location, Section } from "./locate.js";
export { locateHdu, parseLocation } from "./locate.js";
export { readSection } from "./section.js";
export { binaryColumns } from "./columns.js";
export type { ColumnContent, ColumnScaling, TableContent } from "./table-write.js";
export { encodeTable } from "./table-write.js";
export type { EditOptions, Entry } from "./edit.js";
export { editHeaders, isProtected, makeEntry, setEntry, sumOfData } from "./edit.js";
export type { Finding } from "./finding.js";
export { verifyFits } from "./verify.js";
export type { DiffOptions, HduDifference, Tolerance } from "./diff.js";
export { diffFits } from "./diff.js";
export { globTest, parseCondition } from "./where.js";
export type { Piece } from "./pieces.js";
export { writePieces } from "./pieces.js";
export { sectionPieces, unpackedPieces } from "./unpack.js";
export { packedPieces } from "./pack.js";
export type { PackAlgorithm, PackOptions } from "./tiles/pack-options.js";
export type { Groups } from "./groups.js";
export { readGroups } from "./groups.js";
export { parseValue } from "./cards.js";
export { inheritedHeader } from "./inherit.js";
