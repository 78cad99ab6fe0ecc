import { existsSync } from "node:fs";
import { resolve } from "node:path";
import test from "ava";
import { keywordsOf, openFits, readImage } from "../../src/fits/index.js";
import { folder, reduce, request } from "./helpers.js";

/** A raw exposure of 47 Tucanae by the high-resolution camera of ACS. */
const raw = resolve("../shared/data/fits/2-ccd/hst-acs-hrc/j8bt05njq_raw.fits");

test("ACS/HRC: overscan behind the data, trimmed to 1024², noise as numpy has it", async (t) => {
  if (!existsSync(raw)) {
    t.log(`left out: ${raw} isn't there`);
    t.pass();
    return;
  }
  const { plan, events } = await reduce(
    request(folder(), [raw], { pipeline: "ccd_frames", allowMissing: ["bias"] }),
  );
  t.deepEqual(
    events.filter(({ type }) => type === "failure"),
    [],
  );
  const file = openFits(plan.products[0]!.output);
  const primary = keywordsOf(file.hdus[0]!.header);
  const science = keywordsOf(file.hdu("SCI")!.header);
  const sci = readImage(file, file.hdu("SCI")!).data as Float32Array;
  file.close();
  t.deepEqual([science["NAXIS1"], science["NAXIS2"], science["CRPIX1"]], [1024, 1024, 512]);
  t.deepEqual([science["LTV1"], science["LTV2"], primary["EGAIN"]], [0, 0, 2]);
  // the scatter of 1024 × 19 pixels about each line's mean
  t.true(Math.abs((primary["RONDNC"] as number) - 2.0941318) < 1e-6);
  // numpy: without the mean of each line's overscan, times two
  const median = sci.toSorted()[sci.length >> 1]!;
  t.true(Math.abs(median - 53.05) < 0.5, String(median));
});
