// fitsjs reads float images rightly: the pixels that it sees are those that we read.
import { readFileSync } from "node:fs";
import { Blob } from "node:buffer";
import { createRequire } from "node:module";
import { openFits, readImage } from "../../build/src/fits/index.js";

const path = process.argv[2];
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

// `getFrame` would hand its decoder to a browser's Worker; the decoder itself runs anywhere.
const unit = await new Promise((resolve) => {
  new astro.FITS(new Blob([readFileSync(path)]), function () {
    resolve(this.getDataUnit(1));
  });
});
const bytes = await unit.blob.slice(0, unit.length).arrayBuffer();
const theirs = unit._getFrame(bytes, unit.bitpix, unit.bzero, unit.bscale);
const file = openFits(path);
const { data, shape } = readImage(file, file.hdu("SCI"));
file.close();
let different = 0;
for (let i = 0; i < data.length; i++) if (!Object.is(data[i], theirs[i])) different++;
console.log(
  `SCI ${unit.width}×${unit.height}, ours ${shape[1]}×${shape[0]}: ${different} of ${data.length} pixels differ`,
);
process.exitCode = different === 0 && data.length > 0 ? 0 : 1;
