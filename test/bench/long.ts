/** A ramp of 900 s, 1,250 reads of 4096² in a file each: 42 GB that take 90 MB of disk, as most rows are holes. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createFits, getValue, openFits, readImage, type Card } from "../../src/fits/index.js";
import { folder, iris } from "./data.js";
import { measure, printTable, type Row } from "./measure.js";
import { detector } from "./ramps.js";

const READS = Number(process.env["BENCH_READS"] ?? 1250);
const SIDE = 4096;
/** Fewer make a strip, whose bands, and so the peak of memory, are those of the frame. */
const HEIGHT = Number(process.env["BENCH_ROWS"] ?? SIDE);
/** Rows that hold samples: the others are zeros that the file system makes up. They are read like any. */
const ROWS = 8;
const tframe = 0.72;
const out = join(folder, "long-rates");

const cards = (values: Record<string, string | number | boolean>): Card[] =>
  Object.entries(values).map(([keyword, value]) => ({ keyword, value }));

/** DN between two reads of a pixel in column x. */
const rise = (x: number): number => 1 + (x % 13);

/** One file per read, as the observatory writes them. */
function makeReads(): string {
  const reads = join(folder, `reads_${SIDE}_${HEIGHT}_${READS}`);
  mkdirSync(reads, { recursive: true });
  const reset = 60000 * 86_400e6;
  const bytes = Buffer.alloc(2 * SIDE * ROWS);
  for (let read = 0; read < READS; read++) {
    const path = join(reads, `IMG1_e1_r0_${String(read).padStart(5, "0")}.fits`);
    if (existsSync(path)) continue;
    const time = Math.round(tframe * (read + 1) * 1e6);
    const primary = cards({
      ...{ TELESCOP: "TMT", INSTRUME: "IRIS", DET_ID: "IMG1", IMTYPE: "SCI", FILTER: "Kbb", OBS_ID: "o1" },
      ...{ EXP_NO: 1, RAMP_NO: 0, READ_NO: read, COMPLETE: true, EXPTIME: READS * tframe },
      ...{ RST_TIME: reset, READTIME: reset + time, FRM_TIME: tframe * 1e6, SARRMODE: "FULL_FRAME" },
      ...{ GAIN: detector.gain, READNOIS: detector.gain * detector.noise },
    });
    const writer = createFits(path, [{ bitpix: 16, unsigned: true, axes: [SIDE, HEIGHT], cards: primary }]);
    for (let i = 0; i < SIDE * ROWS; i++)
      bytes.writeInt16BE(1000 + rise(i % SIDE) * read + ((i * 7 + read * 31) % 11) - 32768, 2 * i);
    writer.write(writer.layout.hdus[0]!.dataStart, bytes);
    writer.finish({ datasums: [null] });
  }
  return reads;
}

export function bench(): void {
  const reads = makeReads();
  const common = ["-o", out, "--force", "--quiet"];
  const jobs: [string, string[]][] = [
    ["utr", ["readout", reads, "--mode", "utr", "--unit", "DN/s", ...common]],
    ["mcds", ["readout", reads, "--mode", "mcds", "--unit", "DN/s", ...common]],
    ["ols, optimally weighted", ["readout", reads, "--mode", "ols", "--unit", "DN/s", ...common]],
    [
      "jump and ols",
      [
        ...["reduce", reads, "--pipeline", "stage1", "--from", "jump", "--no-quicklook"],
        ...["-s", "ramp_fit.mode=ols", "-s", "ramp_fit.unit=DN/s", ...common],
      ],
    ],
  ];
  const rows: Row[] = jobs.map(([job, words]) => {
    const measured = measure(iris(...words), { runs: 1, warm: false });
    const rate = (2 * SIDE * HEIGHT * READS) / 1e6 / measured.wall;
    return { job, who: "iris", ...measured, note: `${Math.round(rate)} MB/s; ${checkRates()}; goal 1.5 GB` };
  });
  printTable(`readout, ${SIDE} × ${HEIGHT} pixels, ${READS} reads in files of their own, mostly holes`, rows);
}

/** The rates that were put in, to 1 %: no benchmark of something wrong. */
function checkRates(): string {
  const file = openFits(join(out, "IMG1_e1_r0_rate.fits"));
  try {
    const sci = readImage(file, file.hdu("SCI")!).data as Float32Array;
    for (let x = 4; x < SIDE - 4; x++) {
      const rate = rise(x) / tframe;
      if (!(Math.abs(sci[4 * SIDE + x]! - rate) < 0.01 * rate + 0.05))
        throw new Error(`column ${x} has ${sci[4 * SIDE + x]} DN/s, not ${rate}`);
    }
    return `NUMREADS ${String(getValue(file.hdus[0]!.header, "NUMREADS"))}`;
  } finally {
    file.close();
  }
}
