/** `iris doctor`: is this machine fit for the work, and are the calibrations there and whole. */
import type { Cli } from "../cli.js";

export function register(cli: Cli): void {
  cli.program
    .command("doctor")
    .description(
      "Checks Node, memory, the output folder, the settings and the calibration cache; says what to do.",
    )
    .option("-o, --out <dir>", "folder that products shall go to", ".")
    .addHelpText("after", "\nExamples:\n  $ iris doctor\n  $ iris doctor -o reduced/ --json\n")
    .action(async ({ out }: { out: string }) => {
      const { examine } = await import("./doctor/examine.js");
      const { styleFor } = await import("../render/style.js");
      const findings = await examine(cli.host, out);
      if (cli.json) cli.out(JSON.stringify({ v: 1, type: "doctor", findings }, null, 2));
      else {
        const style = styleFor(cli, "stdout");
        const marks = { good: style.ok, warning: style.caution, bad: style.fail };
        for (const { state, what, found, hint } of findings) {
          cli.out(`${marks[state]} ${what}: ${found}`);
          if (hint !== null) cli.out(`  hint: ${hint}`);
        }
      }
      if (findings.some(({ state }) => state === "bad")) cli.setExit(1);
    });
}
