/** A worker thread: bands in, reports out. */
import { parentPort } from "node:worker_threads";
import { JobRunner } from "./band.js";
import { packError } from "./packed-error.js";
import type { FromWorker, ToWorker } from "./pool.js";

const port = parentPort!;
const runners = new Map<number, Promise<JobRunner>>();
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
      const opening = JobRunner.open(message.job);
      runners.set(message.job.id, opening);
      await opening.catch(() => undefined);
    } else if (message.type === "band") {
      const runner = await runners.get(message.id)!;
      say({ type: "done", report: runner.run(message.band) });
    } else {
      const runner = runners.get(message.id);
      runners.delete(message.id);
      (await runner?.catch(() => undefined))?.close();
    }
  } catch (error) {
    say({ type: "failed", error: packError(error) });
  }
}
