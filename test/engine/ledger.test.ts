import { appendFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import test from "ava";
import { appendLedger, ledgerPath, readLedger, type LedgerEntry } from "../../src/engine/ledger.js";

const entry = (output: string, fingerprint: string): LedgerEntry => ({
  v: 1,
  time: "2026-01-01T00:00:00.000Z",
  output,
  pipeline: "image2",
  fingerprint,
  parts: { inputs: "", code: "", params: "", refs: "" },
  inputs: [],
  refs: [],
  params: {},
  steps: [],
  context: null,
  command: "iris reduce",
  caveats: [],
  iris: "0",
  seconds: 1,
  peakMB: 1,
});

const folder = () => mkdtempSync(join(tmpdir(), "iris-ledger-"));

test("the newest line of an output counts", (t) => {
  const at = folder();
  appendLedger(join(at, "a.fits"), entry("a.fits", "1"));
  appendLedger(join(at, "b.fits"), entry("b.fits", "2"));
  appendLedger(join(at, "a.fits"), entry("a.fits", "3"));
  const entries = readLedger(at);
  t.deepEqual([entries.get("a.fits")?.fingerprint, entries.get("b.fits")?.fingerprint], ["3", "2"]);
});

test("a line that a crash cut short loses nothing but itself", (t) => {
  const at = folder();
  appendLedger(join(at, "a.fits"), entry("a.fits", "1"));
  appendFileSync(ledgerPath(at), '{"v":1,"output":"b.fi');
  appendLedger(join(at, "c.fits"), entry("c.fits", "3"));
  t.deepEqual([...readLedger(at).keys()], ["a.fits", "c.fits"]);
});

test("lines of writers at the same time don't mix", async (t) => {
  const at = folder();
  const module = new URL("../../src/engine/ledger.js", import.meta.url).href;
  const source = `
    import { workerData } from "node:worker_threads";
    const { appendLedger } = await import(${JSON.stringify(module)});
    for (let i = 0; i < 100; i++) appendLedger(workerData.at + "/p.fits", { ...workerData.entry, output: workerData.who + i + ".fits" });
  `;
  const writers = ["a", "b", "c"].map(
    (who) =>
      new Promise<void>((resolve, reject) => {
        const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
          workerData: { at, who, entry: { ...entry("", "1"), command: "x".repeat(3000) } },
        });
        worker.on("exit", () => {
          resolve();
        });
        worker.on("error", reject);
      }),
  );
  await Promise.all(writers);
  t.is(readLedger(at).size, 300);
  t.true(readFileSync(ledgerPath(at), "utf8").length > 300 * 3000);
});

test("a folder without a ledger has no entries", (t) => {
  t.is(readLedger(folder()).size, 0);
});
