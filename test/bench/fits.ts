/** FITS: reading, decoding, scanning, verifying, comparing; beside the bytes themselves, astropy and cfitsio's programs. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  diffFits,
  getValue,
  openFits,
  packedPieces,
  readImage,
  verifyFits,
  writeFits,
  writePieces,
  type DiffOptions,
} from "../../src/fits/index.js";
import { iris, products } from "./data.js";
import { measure, printTable, type Row } from "./measure.js";

const python = "/usr/bin/python3";
const side = 4096;

const has = (program: string): boolean => spawnSync("which", [program]).status === 0;

/** Seconds of a function in this process: after `warm` runs, median and best of `runs`. */
function timed(work: () => void, runs = 7, warm = 3): { wall: number; best: number } {
  const times: number[] = [];
  for (let run = -warm; run < runs; run++) {
    const start = performance.now();
    work();
    if (run >= 0) times.push((performance.now() - start) / 1000);
  }
  times.sort((a, b) => a - b);
  return { wall: times[times.length >> 1]!, best: times[0]! };
}

/** A script of astropy's that times itself, warm, and prints seconds: best and median of seven. */
function astropy(body: string, ...args: string[]): { wall: number; best: number } | null {
  const script = [
    "import sys, time, statistics",
    "from astropy.io import fits",
    `def work():`,
    ...body.split("\n").map((line) => `    ${line}`),
    "work(); times = []",
    "for _ in range(7):",
    "    t = time.perf_counter(); work(); times.append(time.perf_counter() - t)",
    "print(statistics.median(times), min(times))",
  ].join("\n");
  const { status, stdout } = spawnSync(python, ["-c", script, ...args], { encoding: "utf8" });
  if (status !== 0) return null;
  const [wall, best] = stdout.trim().split(" ").map(Number);
  return { wall: wall!, best: best! };
}

/** Sky, gradients and noise of 12 counts: what a detector gives. */
function pixels(): Uint16Array {
  const out = new Uint16Array(side * side);
  let state = 1;
  const noise = (): number => {
    let sum = -6;
    for (let k = 0; k < 12; k++) sum += (state = (16807 * state) % 2147483647) / 2147483647;
    return sum;
  };
  for (let i = 0; i < out.length; i++) {
    out[i] = 1000 + 200 * Math.sin(i / side / 700) * Math.cos((i % side) / 500) + 12 * noise();
  }
  return out;
}

/** Every byte of a file, in pieces that the cache likes. */
function readBytes(path: string): void {
  const fd = openSync(path, "r");
  const buffer = Buffer.allocUnsafeSlow(statSync(path).size);
  for (let at = 0; at < buffer.length;) at += readSync(fd, buffer, at, buffer.length - at, at);
  closeSync(fd);
}

const read = (path: string, threads?: number): void => {
  const file = openFits(path);
  readImage(
    file,
    file.hdus.find(({ image }) => image)!,
    threads === undefined ? {} : { threads },
  );
  file.close();
};

function present(rows: (Row | null)[]): Row[] {
  return rows.filter((row) => row !== null);
}

function benchReading(folder: string): void {
  const path = join(folder, "float.fits");
  const bytes = timed(() => {
    readBytes(path);
  });
  const ours = timed(() => {
    read(path);
  });
  const theirs = astropy("with fits.open(sys.argv[1], memmap=False) as f: f[0].data.astype('=f4')", path);
  printTable(`reading a ${side}×${side} float32 image, warm, in one process`, [
    { job: "the file's bytes", who: "node", ...bytes },
    { job: "the image", who: "iris", ...ours, note: `${(ours.best / bytes.best).toFixed(2)} × the bytes` },
    ...(theirs ? [{ job: "the image, native order", who: "astropy", ...theirs }] : []),
  ]);
}

function benchDecoding(folder: string): void {
  const packed = join(folder, "u16.fits.fz");
  const rows: (Row | null)[] = [1, 2].map((threads) => ({
    job: `decoded in memory, ${threads} thread${threads === 1 ? "" : "s"}`,
    who: "iris",
    ...timed(() => {
      read(packed, threads);
    }),
  }));
  const theirs = astropy("with fits.open(sys.argv[1]) as f: f[1].data", packed);
  rows.push(theirs ? { job: "decoded in memory", who: "astropy", ...theirs } : null);
  rows.push({
    job: "whole program, file to file",
    who: "iris",
    ...measure(iris("fits", "unpack", "--force", packed, "-o", products)),
  });
  if (has("funpack")) {
    rows.push({
      job: "whole program, file to file",
      who: "funpack",
      ...measure(["funpack", "-O", join(products, "unpacked.fits"), packed]),
    });
    rows.push({
      job: "whole program, to standard output",
      who: "funpack",
      ...measure(["sh", "-c", 'funpack -S "$0" > /dev/null', packed]),
    });
  }
  printTable(`RICE_1 uint16 ${side}×${side}`, present(rows));
}

function benchScan(folder: string): void {
  const files = Array.from({ length: 1000 }, (_, i) => join(folder, `night-${i}.fits`));
  const first = files[0]!;
  const cards = Array.from({ length: 120 }, (_, i) => ({ keyword: `KEY${i}`, value: i * 1.5 }));
  writeFits(first, [
    { cards: [{ keyword: "OBJECT", value: "M 31" }, { keyword: "EXPTIME", value: 30 }, ...cards] },
    { name: "SCI", data: new Uint16Array(16), shape: [4, 4], cards },
  ]);
  for (const path of files.slice(1)) copyFileSync(first, path);
  const ours = timed(() => {
    for (const path of files) {
      const file = openFits(path);
      getValue(file.hdus[0]!.header, "OBJECT");
      getValue(file.hdus[0]!.header, "EXPTIME");
      file.close();
    }
  });
  const theirs = astropy(
    "import glob\nfor p in glob.glob(sys.argv[1] + '/night-*.fits'):\n  with fits.open(p) as f: f[0].header['OBJECT'], f[0].header['EXPTIME'], len(f)",
    folder,
  );
  const note = theirs ? `astropy takes ${(theirs.best / ours.best).toFixed(1)} × as long` : "";
  printTable(
    "two keywords of each of 1000 files with two HDUs",
    present([
      { job: "warm, in one process", who: "iris", ...ours, note },
      theirs ? { job: "warm, in one process", who: "astropy", ...theirs } : null,
      {
        job: "whole program",
        who: "iris fits ls",
        ...measure(iris("fits", "ls", folder, "-k", "OBJECT,EXPTIME")),
      },
      has("dfits") ? { job: "whole program", who: "dfits", ...measure(["dfits", ...files]) } : null,
    ]),
  );
}

function benchVerify(folder: string): void {
  const path = join(folder, "float.fits");
  printTable(
    `verifying a ${side}×${side} float32 image with checksums`,
    present([
      {
        job: "warm, in one process",
        who: "iris",
        ...timed(() => {
          const file = openFits(path);
          verifyFits(file);
          file.close();
        }),
      },
      { job: "whole program", who: "iris fits verify", ...measure(iris("fits", "verify", path)) },
      has("fitsverify")
        ? { job: "whole program", who: "fitsverify", ...measure(["fitsverify", "-q", path]) }
        : null,
    ]),
  );
}

const exact: DiffOptions = { ignore: () => false, tolerance: () => ({ absolute: 0, relative: 0 }) };

function benchDiff(folder: string): void {
  const [a, b] = [join(folder, "float.fits"), join(folder, "copy.fits")];
  copyFileSync(a, b);
  const theirs = astropy("fits.FITSDiff(sys.argv[1], sys.argv[2]).identical", a, b);
  printTable(
    `comparing two ${side}×${side} float32 images that are the same`,
    present([
      {
        job: "warm, in one process",
        who: "iris",
        ...timed(() => {
          const [one, two] = [openFits(a), openFits(b)];
          diffFits(one, two, exact);
          one.close();
          two.close();
        }, 5),
      },
      theirs ? { job: "warm, in one process", who: "astropy", ...theirs } : null,
      { job: "whole program", who: "iris fits diff", ...measure(iris("fits", "diff", a, b)) },
      has("fitsdiff")
        ? { job: "whole program", who: "fitsdiff", ...measure(["fitsdiff", "-q", a, b]) }
        : null,
    ]),
  );
}

export function bench(): void {
  const folder = mkdtempSync(join(tmpdir(), "iris-bench-fits-"));
  try {
    const counts = pixels();
    const plain = join(folder, "u16.fits");
    writeFits(plain, [{ data: counts, shape: [side, side] }]);
    writeFits(join(folder, "float.fits"), [
      { data: Float32Array.from(counts, (value) => value / 3), shape: [side, side] },
    ]);
    const file = openFits(plain);
    writePieces(join(folder, "u16.fits.fz"), packedPieces(file, { algorithm: "RICE_1", quantise: null }));
    file.close();
    for (const part of [benchReading, benchDecoding, benchScan, benchVerify, benchDiff]) part(folder);
    if (!existsSync(python)) console.log("(left out: astropy, which is not there)");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
