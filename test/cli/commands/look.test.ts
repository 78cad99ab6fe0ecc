import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { main } from "../../../src/cli/main.js";
import { writeFits } from "../../../src/fits/index.js";
import { fakeHost } from "../../helpers/host.js";

const folder = mkdtempSync(join(tmpdir(), "iris-look-"));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

async function look(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost({ cwd: folder });
  const status = await main(["look", ...words], host);
  return { status, out: host.out, err: host.err };
}

const sizeOf = (name: string): [number, number] => {
  const bytes = readFileSync(join(folder, name));
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
};

// 3 × 2 pixels in SCI with a bad one, and a stack of two reads of 4 × 4
writeFits(join(folder, "image_cal.fits"), [
  { cards: [] },
  { name: "SCI", cards: [], shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  { name: "DQ", cards: [], shape: [2, 3], data: Uint32Array.of(0, 1, 0, 0, 0, 0) },
]);
writeFits(join(folder, "ramp.fits"), [
  { cards: [], shape: [2, 4, 4], data: Uint16Array.from({ length: 32 }, (_, i) => (i < 16 ? 100 : 100 + i)) },
]);
writeFits(join(folder, "empty.fits"), [{ cards: [] }]);

test.serial("the picture is named after the file, and its name is printed", async (t) => {
  const { status, out } = await look("image_cal.fits", "--size", "30");
  t.is(status, 0);
  t.is(out, "image_cal.png\n");
  t.deepEqual(sizeOf("image_cal.png"), [30, 20]);
});

test.serial(
  "a picture of ours is drawn anew, a file of the user's is not touched without --force",
  async (t) => {
    t.is((await look("image_cal.fits", "--size", "12")).status, 0);
    t.deepEqual(sizeOf("image_cal.png"), [12, 8]);
    writeFileSync(join(folder, "mine.png"), "mine");
    const { status, err } = await look("image_cal.fits", "-o", "mine.png");
    t.is(status, 2);
    t.regex(err, /mine\.png — there is a file that iris didn't write/);
    t.is(readFileSync(join(folder, "mine.png"), "utf8"), "mine");
    t.is((await look("image_cal.fits", "-o", "mine.png", "--force")).status, 0);
  },
);

test.serial(
  "an HDU may be named; several reads are shown as the last minus the first, or one of them",
  async (t) => {
    t.is((await look("image_cal.fits[DQ]")).out, "image_cal_dq.png\n");
    const difference = JSON.parse((await look("ramp.fits", "--json")).out) as {
      pictures: Record<string, unknown>[];
    };
    t.is(difference.pictures[0]!["shown"], "last - first");
    // the reads differ by 16 … 31
    t.true(Number(difference.pictures[0]!["low"]) >= 16 && Number(difference.pictures[0]!["high"]) <= 31);
    const one = JSON.parse((await look("ramp.fits", "--plane", "1", "--json")).out) as typeof difference;
    t.is(one.pictures[0]!["shown"], "plane 1");
    t.is((await look("ramp.fits", "--plane", "3")).status, 2);
  },
);

test.serial("a file without an image, or that isn't there, fails alone; the others are drawn", async (t) => {
  rmSync(join(folder, "image_cal.png"));
  const { status, out, err } = await look("empty.fits", "absent.fits", "image_cal.fits");
  t.is(status, 3);
  t.is(out, "image_cal.png\n");
  t.regex(err, /empty\.fits — it holds no image/);
  t.regex(err, /absent\.fits/);
  t.true(existsSync(join(folder, "image_cal.png")));
});

test.serial("wrong options are usage errors", async (t) => {
  t.is((await look("image_cal.fits", "--stretch", "cubic")).status, 2);
  t.is((await look("image_cal.fits", "--size", "0")).status, 2);
  t.is((await look("image_cal.fits", "--low", "5", "--high", "1")).status, 2);
  t.is((await look("image_cal.fits", "ramp.fits", "-o", "x.png")).status, 2);
});
