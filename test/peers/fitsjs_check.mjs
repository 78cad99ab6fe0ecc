// What fitsjs reads right of our files, it sees as we do: uint8, int16, int32 and float32 images.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Blob } from "node:buffer";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFits, readImage, writeFits } from "../../build/src/fits/index.js";

// It was written for a browser, where files are read through a FileReader.
globalThis.window = globalThis;
globalThis.FileReader = class {
  readAsArrayBuffer(blob) {
    void blob.arrayBuffer().then((result) => {
      this.result = result;
      this.onloadend?.({ target: this });
    });
  }
};
// It finds its own classes by a global name, and tells images from its workers by window.URL.
const { astro } = createRequire(import.meta.url)("fitsjs");
globalThis.astro = astro;

/** Compares one image pixel by pixel; says whether all are the same. */
async function check(path, index, what) {
  // `getFrame` would hand its decoder to a browser's Worker; the decoder itself runs anywhere.
  const unit = await new Promise((resolve) => {
    new astro.FITS(new Blob([readFileSync(path)]), function () {
      resolve(this.getDataUnit(index));
    });
  });
  const bytes = await unit.blob.slice(0, unit.length).arrayBuffer();
  const theirs = unit._getFrame(bytes, unit.bitpix, unit.bzero, unit.bscale);
  const file = openFits(path);
  const { data, shape } = readImage(file, file.hdus[index]);
  file.close();
  let different = data.length === theirs.length ? 0 : data.length;
  for (let i = 0; i < data.length; i++) if (!Object.is(data[i], theirs[i])) different++;
  console.log(
    `${what} ${unit.width}×${unit.height}, ours ${shape[1]}×${shape[0]}: ${different} of ${data.length} pixels differ`,
  );
  return different === 0 && data.length > 0;
}

const sizes = { Uint8Array: 256, Int16Array: 65536, Int32Array: 4294967296, Float32Array: 1e6 };
const made = Object.entries(sizes).map(([name, range]) => {
  const data = new globalThis[name](31 * 17);
  // Both ends of the type's range are among them.
  for (let i = 0; i < data.length; i++) data[i] = Math.floor((i * range) / (data.length - 1)) - range / 2;
  return { name, data, shape: [17, 31] };
});

const folder = mkdtempSync(join(tmpdir(), "iris-fitsjs-"));
const results = [];
try {
  const path = join(folder, "types.fits");
  writeFits(path, [{}, ...made]);
  for (const [i, { name }] of made.entries()) results.push(await check(path, i + 1, name));
  // A product: its SCI image is the second HDU.
  for (const product of process.argv.slice(2)) results.push(await check(product, 1, product));
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = results.every(Boolean) ? 0 : 1;
