/** Files written band by band, several at once: what a band of rows gives goes to its place in each of them. */
import {
  createFits,
  encodeImage,
  type Card,
  type FitsWriter,
  type HduSpec,
  type TypedArray,
} from "../../../fits/index.js";
import type { BinaryTable } from "./table.js";

/** Hears how much is done, 0 to 1. */
export type Progress = (share: number) => void;

export interface PlaneHdu {
  name: string;
  cards: Card[];
  bitpix: 8 | 16 | 32 | -32;
  /** Lengths of the axes above x and y, slowest last as in FITS. */
  higher?: number[];
}

export interface BandedFile {
  path: string;
  primary: Card[];
  planes: PlaneHdu[];
  tables?: BinaryTable[];
}

/** Samples of a band that may be held at once, and planes that are held besides those that are written. */
const BAND_SAMPLES = 8 * 2 ** 20;
const SCRATCH_PLANES = 16;

const specsOf = (file: BandedFile, nx: number, ny: number): HduSpec[] => [
  { bitpix: 8, axes: [], cards: file.primary },
  ...file.planes.map(({ name, cards, bitpix, higher = [] }): HduSpec => ({
    name,
    cards,
    bitpix,
    axes: [nx, ny, ...higher],
    ...(bitpix > 8 ? { unsigned: true } : {}),
  })),
  ...(file.tables ?? []).map(({ spec }) => spec),
];

const depthOf = ({ higher = [] }: PlaneHdu): number => higher.reduce((product, n) => product * n, 1);

/**
 * Writes files of nx × ny planes. `fill(y0, rows)` gives, per file and per plane HDU, the samples of the rows
 * [y0, y0 + rows), [depth][rows][nx]; integers are unsigned. `progress` hears the share of the rows that are done.
 *
 * @throws OutputError when a file can't be written; none of them is left behind then.
 */
export function writeBands(
  files: readonly BandedFile[],
  nx: number,
  ny: number,
  fill: (y0: number, rows: number) => TypedArray[][],
  progress: Progress = () => undefined,
): void {
  const written = files.flatMap(({ planes }) => planes).reduce((sum, hdu) => sum + depthOf(hdu), 0);
  const band = Math.max(1, Math.min(ny, Math.floor(BAND_SAMPLES / (nx * (written + SCRATCH_PLANES)))));
  const writers: FitsWriter[] = [];
  try {
    for (const file of files) writers.push(createFits(file.path, specsOf(file, nx, ny)));
    for (let y0 = 0; y0 < ny; y0 += band) {
      const rows = Math.min(band, ny - y0);
      fill(y0, rows).forEach((arrays, fileIndex) => {
        arrays.forEach((data, hduIndex) => {
          const place = writers[fileIndex]!.layout.hdus[hduIndex + 1]!;
          const { bytes } = encodeImage({ data });
          const bandBytes = rows * nx * data.BYTES_PER_ELEMENT;
          for (let plane = 0; plane * bandBytes < bytes.length; plane++) {
            const position = place.dataStart + (plane * ny + y0) * nx * data.BYTES_PER_ELEMENT;
            writers[fileIndex]!.write(position, bytes.subarray(plane * bandBytes, (plane + 1) * bandBytes));
          }
        });
      });
      progress((y0 + rows) / ny);
    }
    files.forEach((file, fileIndex) => {
      const writer = writers[fileIndex]!;
      (file.tables ?? []).forEach(({ bytes }, index) => {
        writer.write(writer.layout.hdus[1 + file.planes.length + index]!.dataStart, bytes);
      });
      writer.finish({ datasums: writer.layout.hdus.map(() => null) });
    });
  } finally {
    for (const writer of writers) writer.abort();
  }
}
