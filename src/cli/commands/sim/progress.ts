/** How far a simulation is, on one line of a terminal; nothing elsewhere. */
import type { Cli } from "../../cli.js";

/** ms between two drawings. */
const PAUSE = 200;

/** Draws the share that is done beside a name, and wipes the line at the end. */
export function progressLine({ host, quiet, json }: Cli, name: string): (share: number) => void {
  const { stderr } = host;
  if (!stderr.isTTY || quiet || json) return () => undefined;
  let drawn = performance.now();
  return (share) => {
    if (share >= 1) stderr.write("\r\x1b[K");
    else if (performance.now() - drawn > PAUSE) {
      drawn = performance.now();
      stderr.write(`\r\x1b[K  ${name}  ${Math.floor(100 * share)} %`);
    }
  };
}
