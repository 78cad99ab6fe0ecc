/** An open FITS file: its HDUs, and bytes by position. */
import { FitsError } from "../errors.js";
import type { Deviation } from "./cards.js";
import type { Header } from "./header.js";
import { imageInfo, scanHdus, type HduType, type ImageInfo, type ScannedHdu } from "./scan.js";
import { openSource, type Source } from "./source.js";
import { imageHeader, isTiledImage, tiledName, tileInfo, type TileInfo } from "./tiles/info.js";

export interface Hdu {
  index: number;
  /** EXTNAME; "PRIMARY" for an unnamed primary. */
  name: string;
  version: number;
  type: HduType;
  header: Header;
  headerStart: number;
  dataStart: number;
  /** Declared bytes of data without padding; may be more than the file has. */
  dataSize: number;
  /** Images that have at least one axis; else null. */
  image: ImageInfo | null;
  /** Tile-compressed images are of type "image" and have the header of the image; their table is described here. */
  tiles: TileInfo | null;
  /** The header as it stands in the file: another one than `header` only for tile-compressed images. */
  stored: Header;
  /** Geometry of the stored table, for tables and tile-compressed images. */
  table: { rowBytes: number; rows: number } | null;
  readonly deviations: readonly Deviation[];
}

/** An open file. Close it; the engine opens each file once per worker. */
export class FitsFile {
  readonly path: string;
  /** Bytes, after unwrapping. */
  readonly size: number;
  readonly hdus: readonly Hdu[];
  /** What concerns the file as a whole: junk at the end, an extension that can't be read. */
  readonly deviations: readonly Deviation[];
  /** The bytes are those of a gzip, compress or bzip2 stream: positions don't hold for the file on disk. */
  readonly wrapped: boolean;
  readonly #source: Source;

  constructor(path: string, source: Source) {
    this.path = path;
    this.size = source.size;
    this.wrapped = source.wrapped;
    this.#source = source;
    const { hdus, deviations } = scanHdus(source, path);
    this.hdus = hdus.map(makeHdu);
    this.deviations = deviations;
  }

  /** By index, or by EXTNAME (any case) and version; the first of that name when no version is given. */
  hdu(nameOrIndex: string | number, version?: number): Hdu | undefined {
    if (typeof nameOrIndex === "number") return this.hdus[nameOrIndex];
    const wanted = nameOrIndex.toUpperCase();
    const found = this.hdus.find(
      (hdu) => hdu.name.toUpperCase() === wanted && (version === undefined || hdu.version === version),
    );
    // A primary that has an EXTNAME is still the primary.
    return found ?? (wanted === "PRIMARY" && (version ?? 1) === 1 ? this.hdus[0] : undefined);
  }

  /** Fills `into` from `position`. @throws FitsError when the file ends before. */
  readBytes(position: number, into: Uint8Array): void {
    const count = this.#source.read(position, into);
    if (count < into.length) {
      const wanted = position + into.length;
      throw new FitsError(
        `cannot read: ${this.path} — ends at byte ${this.size}, data are declared to byte ${wanted}`,
      );
    }
  }

  close(): void {
    this.#source.close();
  }
}

function makeHdu(scanned: ScannedHdu, index: number): Hdu {
  const { type, name, version, header, headerStart, dataStart, dataSize, bitpix, axes } = scanned;
  const isTable = type === "bintable" || type === "table";
  const hdu: Hdu = {
    index,
    name,
    version,
    type,
    header,
    headerStart,
    dataStart,
    dataSize,
    image: type === "image" && axes.length > 0 ? imageInfo(header, bitpix, axes) : null,
    tiles: null,
    stored: header,
    table: isTable && axes.length === 2 ? { rowBytes: axes[0]!, rows: axes[1]! } : null,
    get deviations() {
      // Those of the cards are known once the cards are read.
      return header.cards.length > 0 ? scanned.deviations : [];
    },
  };
  if (type !== "bintable" || !hdu.table || !isTiledImage(header)) return hdu;
  try {
    hdu.tiles = tileInfo(header);
  } catch (error) {
    // Still a table that can be read as such.
    const message = `compressed image that can't be decoded: ${(error as Error).message}`;
    scanned.deviations.push({ card: null, message });
    return hdu;
  }
  const { bitpix: zbitpix, axes: zaxes } = hdu.tiles;
  hdu.type = "image";
  hdu.name = tiledName(header);
  hdu.header = imageHeader(header);
  hdu.image = zaxes.length > 0 ? imageInfo(hdu.header, zbitpix, zaxes) : null;
  return hdu;
}

/** @throws FitsError when it can't be opened or isn't FITS; oddities end in `deviations`. */
export function openFits(path: string): FitsFile {
  const source = openSource(path);
  try {
    return new FitsFile(path, source);
  } catch (error) {
    source.close();
    throw error;
  }
}

/** "file.fits HDU 2 (SCI,1)": how messages name an HDU. */
export const describeHdu = (file: FitsFile, hdu: Hdu): string =>
  `${file.path} HDU ${hdu.index}${hdu.name === "" ? "" : ` (${hdu.name})`}`;

/** The array's bytes, checked against the file before anything of that size is allocated. */
export function readData(file: FitsFile, hdu: Hdu): Uint8Array {
  checkExtent(file, hdu, hdu.dataSize);
  const bytes = new Uint8Array(hdu.dataSize);
  file.readBytes(hdu.dataStart, bytes);
  return bytes;
}

/** @throws FitsError when the file is shorter than `bytes` of this HDU's data. */
export function checkExtent(file: FitsFile, hdu: Hdu, bytes: number): void {
  if (hdu.dataStart + bytes <= file.size) return;
  throw new FitsError(
    `cannot read the data: ${describeHdu(file, hdu)} — they end at byte ${hdu.dataStart + bytes}, the file at byte ${file.size}`,
    { hint: "the file is truncated or its NAXISn are wrong: fetch it again, or see `iris fits info`" },
  );
}
