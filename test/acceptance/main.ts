/** `npm run acceptance -- <family> <directory>`: our code against the recorded answers of the field's software. */
import { existsSync } from "node:fs";

interface Tally {
  passed: number;
  failed: number;
}

type Runner = (directory: string, family: string) => Promise<Tally>;

const runners: Readonly<Record<string, () => Promise<Runner>>> = {
  fits: async () => (await import("./fits.js")).run,
  crds: async () => (await import("./crds.js")).run,
  readout: async () => (await import("./readout.js")).run,
  imager: async () => (await import("./imager.js")).run,
  night: async () => (await import("./night.js")).run,
};

/** Makes its own data: a directory to keep them in may be named, it needn't exist. */
const SIMULATED = "night";

async function main([family = "", directory = ""]: string[]): Promise<number> {
  const runner = runners[family.split("/")[0]!];
  const simulated = family === SIMULATED;
  if (!runner || (directory === "" && !simulated)) {
    console.error("usage: npm run acceptance -- <family> <directory>, or night");
    console.error(
      `families: ${Object.keys(runners).join(", ")}, or one of their own as in readout/saturation`,
    );
    return 2;
  }
  if (!simulated && !existsSync(directory)) {
    console.error(`no such directory: ${directory}`);
    return 2;
  }
  const run = await runner();
  const { passed, failed } = await run(directory, family);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
