/** What a user waits for before anything happens. */
import { iris } from "./data.js";
import { measure, printTable } from "./measure.js";

export function bench(): void {
  const runs = 15;
  printTable("start-up, whole process", [
    { job: "empty program", who: "node", ...measure([process.execPath, "-e", "0"], { runs }) },
    { job: "--help", who: "iris", ...measure(iris("--help"), { runs }) },
    { job: "step list", who: "iris", ...measure(iris("step", "list"), { runs }) },
  ]);
}
