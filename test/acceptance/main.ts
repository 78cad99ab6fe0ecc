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
};

async function main([family = "", directory = ""]: string[]): Promise<number> {
  const runner = runners[family.split("/")[0]!];
  if (!runner || directory === "") {
    console.error("usage: npm run acceptance -- <family> <directory>");
    console.error(
      `families: ${Object.keys(runners).join(", ")}, or one of their own as in readout/saturation`,
    );
    return 2;
  }
  if (!existsSync(directory)) {
    console.error(`no such directory: ${directory}`);
    return 2;
  }
  const run = await runner();
  const { passed, failed } = await run(directory, family);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
