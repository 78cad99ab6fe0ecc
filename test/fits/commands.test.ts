import { PassThrough } from "node:stream";
import { join } from "node:path";
import test from "ava";
import { main } from "../../src/cli/main.js";
import { openFits, getValue, writeFits } from "../../src/fits/index.js";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

interface Run {
  exit: number;
  out: string;
  err: string;
}

/** Runs `iris fits …` in a folder with two files. */
async function inNight(
  work: (folder: string, iris: (...words: string[]) => Promise<Run>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "iris-night-"));
  try {
    writeFits(join(folder, "a.fits"), [
      {
        cards: [
          { keyword: "OBJECT", value: "M 31" },
          { keyword: "EXPTIME", value: 30 },
        ],
      },
      { name: "SCI", data: Uint16Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
    ]);
    writeFits(join(folder, "b.fits"), [
      {
        cards: [
          { keyword: "OBJECT", value: "DARK" },
          { keyword: "EXPTIME", value: 5 },
        ],
      },
    ]);
    const iris = async (...words: string[]): Promise<Run> => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const now = (): Date => new Date("2026-11-20T00:00:00Z");
      const host = { cwd: folder, env: {}, now, stdin: new PassThrough(), stdout, stderr };
      const exit = await main(["fits", ...words], host);
      return { exit, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
    };
    await work(folder, iris);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("info --json --stats tells shape, type, statistics and hash", async (t) => {
  await inNight(async (_, iris) => {
    const { exit, out } = await iris("info", "--json", "--stats", "a.fits[SCI]");
    t.is(exit, 0);
    const { files } = JSON.parse(out) as { files: Record<string, { hdus: object[] }> };
    t.like(files["a.fits[SCI]"]!.hdus[0], {
      i: 1,
      name: "SCI",
      shape: [2, 3],
      dtype: "uint16",
      min: 1,
      max: 6,
      mean: 3.5,
      nan: 0,
    });
  });
});

test("a file that can't be read is talked about, the others are done, exit 3", async (t) => {
  await inNight(async (folder, iris) => {
    writeFileSync(join(folder, "bad.fits"), "hello");
    const { exit, out, err } = await iris("info", "bad.fits", "a.fits");
    t.is(exit, 3);
    t.regex(out, /a\.fits/);
    t.regex(err, /bad\.fits — not a FITS file/);
  });
});

test("ls filters, groups and writes CSV", async (t) => {
  await inNight(async (_, iris) => {
    t.is(
      (await iris("ls", ".", "-k", "OBJECT,EXPTIME", "--csv", "--where", "EXPTIME > 10")).out,
      "file,OBJECT,EXPTIME\na.fits,M 31,30\n",
    );
    t.is((await iris("ls", ".", "--group", "OBJECT", "--csv")).out, "OBJECT,count\nM 31,1\nDARK,1\n");
  });
});

test("set and del say in HISTORY what was there before; structure can't be set", async (t) => {
  await inNight(async (folder, iris) => {
    t.is((await iris("set", "a.fits", "-k", "EXPTIME=31.5 / seconds")).exit, 0);
    t.is((await iris("del", "a.fits", "-k", "OBJ*")).exit, 0);
    const file = openFits(join(folder, "a.fits"));
    const { header } = file.hdus[0]!;
    t.is(getValue(header, "EXPTIME"), 31.5);
    t.is(getValue(header, "OBJECT"), undefined);
    t.deepEqual(
      header.cards.filter(({ keyword }) => keyword === "HISTORY").map(({ comment }) => comment),
      [
        "2026-11-20T00:00:00 iris: set EXPTIME = 31.5, was 30",
        "2026-11-20T00:00:00 iris: deleted OBJECT, was 'M 31    '",
      ],
    );
    file.close();
    t.is((await iris("verify", "a.fits")).exit, 0);
    t.is((await iris("set", "a.fits", "-k", "NAXIS=3")).exit, 2);
  });
});

test("pack, unpack and diff: the same file again", async (t) => {
  await inNight(async (folder, iris) => {
    t.is((await iris("pack", "a.fits")).exit, 0);
    t.is((await iris("verify", "a.fits.fz")).exit, 0);
    t.is((await iris("copy", "a.fits.fz", "c.fits")).exit, 0);
    t.is((await iris("diff", "a.fits", "c.fits")).exit, 0);
    t.is((await iris("diff", "a.fits", "b.fits")).exit, 1);
    t.is((await iris("diff", "a.fits", "none.fits")).exit, 2);
    t.is((await iris("copy", "a.fits.fz", "c.fits")).exit, 2);
    t.deepEqual(readdirSync(folder).sort(), ["a.fits", "a.fits.fz", "b.fits", "c.fits"]);
  });
});

test("a section is a file of its own, its reference pixel moved", async (t) => {
  await inNight(async (_, iris) => {
    t.is((await iris("copy", "a.fits[SCI][2:3,1:2]", "cut.fits")).exit, 0);
    const { out } = await iris("stats", "cut.fits", "--json");
    // columns 2 and 3 of [[1, 2, 3], [4, 5, 6]]
    t.like((JSON.parse(out) as { images: object[] }).images[0], {
      pixels: 4,
      min: 2,
      max: 6,
      mean: 4,
      median: 4,
    });
  });
});
