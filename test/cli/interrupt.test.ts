import test from "ava";
import { listen } from "../../src/cli/interrupt.js";

for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  test.serial(`the first ${signal} aborts and says how to stop at once; the status is ${status}`, (t) => {
    const said: string[] = [];
    const before = process.listenerCount(signal);
    const interrupt = listen((text) => said.push(text));
    t.is(interrupt.status(), null);
    process.emit(signal, signal);
    t.true(interrupt.signal.aborted);
    t.is(interrupt.status(), status);
    t.deepEqual(said, ["stopping after the rows in work; once more to stop at once"]);
    interrupt.dispose();
    t.is(process.listenerCount(signal), before);
  });
