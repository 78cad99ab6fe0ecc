/** A worker thread: bands in, reports out. */
import { parentPort } from "node:worker_threads";
import { runBand } from "./band.js";
import { closeJob, openJob, type OpenJob } from "./open-job.js";
import { packError } from "./packed-error.js";
import type { FromWorker, ToWorker } from "./pool.js";

const port = parentPort!;
const jobs = new Map<number, Promise<OpenJob>>();
const say = (message: FromWorker) => {
  port.postMessage(message);
};

port.on("message", (message: ToWorker) => {
  void answer(message);
});

say({ type: "ready" });

async function answer(message: ToWorker): Promise<void> {
  try {
    if (message.type === "job") {
      const opening = openJob(message.job);
      jobs.set(message.job.id, opening);
      await opening.catch(() => undefined);
    } else if (message.type === "band") {
      const open = await jobs.get(message.id)!;
      say({ type: "done", report: runBand(open, message.band) });
    } else {
      const opening = jobs.get(message.id);
      jobs.delete(message.id);
      const open = await opening?.catch(() => undefined);
      if (open) closeJob(open);
    }
  } catch (error) {
    say({ type: "failed", error: packError(error) });
  }
}
