/** A whole file packed: images become compressed tables, everything else is copied. */
import type { FitsFile, Hdu } from "./file.js";
import { copiedHdu, emptyPrimary, madeHdu, type Piece } from "./pieces.js";
import { packImage } from "./tiles/pack.js";
import type { PackOptions } from "./tiles/pack-options.js";

const isPackable = (hdu: Hdu): boolean =>
  hdu.image !== null && hdu.tiles === null && hdu.image.axes.every((n) => n > 0);

/** Pieces of the packed file; an image in the primary moves behind an empty one. */
export function* packedPieces(file: FitsFile, options: PackOptions): Generator<Piece> {
  for (const hdu of file.hdus) {
    if (hdu.index === 0 && isPackable(hdu)) yield emptyPrimary();
    if (isPackable(hdu)) {
      const { spec, bytes } = packImage(file, hdu, options);
      yield madeHdu(spec, bytes, false);
    } else yield copiedHdu(file, hdu);
  }
}
