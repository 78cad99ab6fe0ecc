/** The child process of the benchmark `crds`: loads a context once and prints what it cost. */
import { loadAll } from "./crds.js";

const [root, context, home] = process.argv.slice(2) as [string, string, string];
console.log(JSON.stringify(loadAll(root, context, home)));
