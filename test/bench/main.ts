/** `npm run bench [-- startup|readout|long|imager|crds|fits …]`: our times and the peers' side by side, in one run. */
import { cpus, loadavg, totalmem } from "node:os";

const sections: Readonly<Record<string, () => Promise<() => void | Promise<void>>>> = {
  startup: async () => (await import("./startup.js")).bench,
  readout: async () => (await import("./readout.js")).bench,
  long: async () => (await import("./long.js")).bench,
  imager: async () => (await import("./imager.js")).bench,
  crds: async () => (await import("./crds.js")).bench,
  fits: async () => (await import("./fits.js")).bench,
};

async function main(wanted: string[]): Promise<number> {
  const unknown = wanted.filter((name) => !(name in sections));
  if (unknown.length > 0) {
    console.error(`no benchmark ${unknown.join(", ")}; there are ${Object.keys(sections).join(", ")}`);
    return 2;
  }
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
      `Node ${process.version}, load ${loadavg()[0]!.toFixed(2)}; files are in the page cache`,
  );
  for (const name of wanted.length > 0 ? wanted : Object.keys(sections)) await (await sections[name]!())();
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
