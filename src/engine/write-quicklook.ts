/** The picture beside a product. */
import { renameSync, writeFileSync } from "node:fs";
import { openFits, readRows } from "../fits/index.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { openQuicklook } from "../report/quicklook.js";

/** Reads the product back in strips: a picture must show what is on disk. */
export function writeQuicklook(product: string, path: string): void {
  const file = openFits(product);
  try {
    const [sci, dq] = [file.hdu("SCI")!, file.hdu("DQ")!];
    const [nx, ny] = sci.image!.axes as [number, number];
    const look = openQuicklook({ nx, ny });
    const rows = Math.max(1, Math.floor(1_048_576 / nx));
    const bytes = new Uint8Array(4 * rows * nx);
    const [values, flags] = [new Float32Array(rows * nx), new Uint32Array(rows * nx)];
    for (let y0 = 0; y0 < ny; y0 += rows) {
      const n = Math.min(rows, ny - y0);
      const strip = bytes.subarray(0, 4 * n * nx);
      readRows(file, sci, 0, y0, n, strip);
      decodeFloat32(values.subarray(0, n * nx), strip, -32, 1, 0, null);
      readRows(file, dq, 0, y0, n, strip);
      decodeUint32(flags.subarray(0, n * nx), strip, 32, 2147483648);
      look.addRows(y0, n, values.subarray(0, n * nx), flags.subarray(0, n * nx));
    }
    const temporary = `${path}.tmp-${process.pid}`;
    writeFileSync(temporary, look.png());
    renameSync(temporary, path);
  } finally {
    file.close();
  }
}
