/** A thread that helps with decoding tiles; see crew.ts. */
import { parentPort } from "node:worker_threads";
import { isIrisError } from "../../errors.js";
import { openFits } from "../file.js";
import { takePart, type TileJob } from "./crew.js";

parentPort!.on("message", (job: TileJob) => {
  try {
    const file = openFits(job.path);
    try {
      const hdu = file.hdus[job.hdu];
      if (hdu?.tiles) takePart(file, hdu, hdu.tiles, job);
    } finally {
      file.close();
    }
  } catch (error) {
    // The thread that asked decodes the image again and reports what is wrong with it.
    if (!isIrisError(error)) throw error;
  }
});
