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

test.serial("a pattern that the shell has left alone is expanded, with an HDU behind it, too", async (t) => {
  t.is((await look("image_*.fits", "--size", "12")).out, "image_cal.png\n");
  t.is((await look("im*.fits[DQ]", "--size", "12")).out, "image_cal_dq.png\n");
  t.like(await look("nothing*.fits"), {
    status: 2,
    err: 'iris: "nothing*.fits" matches no file\nhint: ls .\n',
  });
  t.regex((await look("*.fits", "-o", "one.png")).err, /-o names one picture: \d files were given/);
});

test.serial("black and white are numbers, both, in their order; each slip is said", async (t) => {
  const said = async (...words: string[]) => (await look("image_cal.fits", ...words)).err.split("\n")[0];
  t.regex((await said("--low", "nan"))!, /"--low <value>" argument "nan" is invalid\. It must be a number$/);
  t.is(await said("--low", "1"), "iris: --low and --high go together");
  t.is(await said("--low", "3", "--high", "2"), "iris: --high 2 isn't more than --low 3");
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

// 4 × 4 in each of 3 channels: 1, 2 and 9, with a gap in the last
const cube = Float32Array.from({ length: 48 }, (_, i) => [1, 2, 9][Math.floor(i / 16)]!);
cube[32] = NaN;
writeFits(join(folder, "cube.fits"), [{ cards: [], shape: [3, 4, 4], data: cube }]);
// 4 × 3, value = 10·row + column, errors of 2
const plane = Float32Array.from({ length: 12 }, (_, i) => 10 * (Math.floor(i / 4) + 1) + (i % 4) + 1);
const sky = [
  ...([
    ["CTYPE1", "RA---TAN"],
    ["CTYPE2", "DEC--TAN"],
    ["CRPIX1", 2],
    ["CRPIX2", 1],
  ] as const),
  ...([
    ["CRVAL1", 10],
    ["CRVAL2", 0],
    ["CDELT1", -0.001],
    ["CDELT2", 0.001],
  ] as const),
].map(([keyword, value]) => ({ keyword, value }));
writeFits(join(folder, "plane.fits"), [
  { cards: [] },
  { name: "SCI", cards: sky, shape: [3, 4], data: plane },
  { name: "ERR", cards: [], shape: [3, 4], data: new Float32Array(12).fill(2) },
]);

interface Shown {
  pictures: {
    shown: string;
    low: number;
    marked: number;
    regions: Record<string, number>[];
    files: string[];
  }[];
}
const json = async (...words: string[]): Promise<Shown["pictures"][0]> =>
  (JSON.parse((await look(...words, "--json")).out) as Shown).pictures[0]!;

test.serial("a cut is plotted under the picture, and its pixels are a CSV", async (t) => {
  const { status, out } = await look("plane.fits", "--cut", "row=2", "--cut", "diagonal", "--size", "40");
  t.is(status, 0);
  t.deepEqual(out.trimEnd().split("\n"), ["plane.png", "plane_row2.csv", "plane_diagonal.csv"]);
  t.is(
    readFileSync(join(folder, "plane_row2.csv"), "utf8"),
    "# iris look\nx,y,value,error\n1,2,21,2\n2,2,22,2\n3,2,23,2\n4,2,24,2\n",
  );
  // 10 pixels each, a gap of 6 before each of two plots of 240; plots want 640 columns
  t.deepEqual(sizeOf("plane.png"), [640, 30 + 2 * 246]);
});

test.serial("numbers of a region: sum, error, mean, median, extremes, variance", async (t) => {
  const { regions, files } = await json("plane.fits", "--region", "1:2,1:2");
  // 11, 12, 21, 22
  const { sum, error, area, mean, median, min, max, variance } = regions[0]!;
  t.deepEqual([sum, error, area, mean, median, min, max], [66, 4, 4, 16.5, 16.5, 11, 22]);
  t.is(variance, 25.25);
  t.deepEqual(files, ["plane_stats.json"]);
  const whole = await json("plane.fits", "--stats");
  t.is(whole.regions[0]!["area"], 12);
});

test.serial("channels of a cube become one plane; what isn't finite doesn't count", async (t) => {
  const values = async (how: string): Promise<number[]> => {
    const { regions } = await json(
      "cube.fits",
      "--collapse",
      how,
      "--region",
      "1:1,1:1",
      "--region",
      "2:2,1:1",
    );
    return regions.map(({ mean }) => mean!);
  };
  t.deepEqual(await values("sum"), [3, 12]);
  t.deepEqual(await values("mean"), [1.5, 4]);
  t.deepEqual(await values("median"), [1.5, 2]);
  const some = await json("cube.fits", "--collapse", "mean", "--channels", "2:3", "--region", "2:2,1:1");
  t.is(some.shown, "mean of 2:3");
  t.is(some.regions[0]!["mean"], 5.5);
});

test.serial("a catalogue is marked by its sky positions, or by x and y", async (t) => {
  // pixel (1, 0) is at RA 10; one of the stars is far away
  writeFileSync(join(folder, "sky.csv"), "ra,dec\n10,0\n9.999,0.001\n11,0\n");
  t.is((await json("plane.fits", "--catalog", "sky.csv")).marked, 2);
  writeFileSync(join(folder, "pixels.csv"), "x,y\n0,0\n3,2\n4,0\n");
  t.is((await json("plane.fits", "--catalog", "pixels.csv")).marked, 2);
  writeFileSync(join(folder, "none.csv"), "a,b\n0,0\n");
  t.is((await look("plane.fits", "--catalog", "none.csv")).status, 3);
});

test.serial("several files stand in one picture with one range of values", async (t) => {
  const { status, out } = await look("plane.fits", "image_cal.fits", "--layout", "--size", "86");
  t.is(status, 0);
  t.is(out, "layout.png\n");
  // two of 40 pixels beside each other: 4 × 3 ten times, 3 × 2 thirteen times
  t.deepEqual(sizeOf("layout.png"), [40 + 6 + 40, 30]);
});

test.serial("smoothing is for the eye: statistics are those of the file", async (t) => {
  const plain = await json("plane.fits", "--stats");
  const smooth = await json("plane.fits", "--stats", "--smooth", "boxcar:3", "--histogram", "--invert");
  t.deepEqual(smooth.regions, plain.regions);
});

test.serial("wishes that can't be read, or leave the image, are usage errors", async (t) => {
  for (const words of [
    ["--cut", "row=9"],
    ["--cut", "slanted"],
    ["--region", "0:2,1:2"],
    ["--region", "1-2"],
    ["--smooth", "median:3"],
    ["--channels", "1:2"],
    ["--collapse", "mean", "--channels", "1:9"],
  ])
    t.is((await look("plane.fits", ...words)).status, 2, words.join(" "));
  writeFileSync(join(folder, "plane_row1.csv"), "mine");
  t.is((await look("plane.fits", "--cut", "row=1")).status, 2);
  t.is(readFileSync(join(folder, "plane_row1.csv"), "utf8"), "mine");
});

test.serial("a part may be drawn alone, and pixels with a flag in a colour", async (t) => {
  const { status } = await look("image_cal.fits", "--section", "2:3,1:2", "--size", "40", "-o", "part.png");
  t.is(status, 0);
  // 2 × 2 pixels, at most 16 times as large
  t.deepEqual(sizeOf("part.png"), [32, 32]);
  t.is((await look("image_cal.fits", "--section", "2:9,1:2")).status, 2);
  t.is((await look("image_cal.fits", "--flags", "any")).status, 0);
  const { status: wrong, err } = await look("image_cal.fits", "--flags", "SATURATET");
  t.is(wrong, 2);
  t.regex(err, /no flag "SATURATET"; did you mean "SATURATED"/);
});

test.serial("contours by number or by value, a landscape below, and the star near a place", async (t) => {
  const n = 40;
  const sci = Float32Array.from({ length: n * n }, (_, i) => {
    const [x, y] = [(i % n) + 1, Math.floor(i / n) + 1];
    return 10 + 90 * Math.exp(-((x - 21.5) ** 2 + (y - 18) ** 2) / 8);
  });
  writeFits(join(folder, "star.fits"), [{ cards: [] }, { name: "SCI", cards: [], shape: [n, n], data: sci }]);
  interface Row {
    contours: number[];
    centroids: { x: number; y: number }[];
    height: number;
  }
  const first = async (...words: string[]): Promise<Row> => {
    const { status, out } = await look("star.fits", "--json", "--size", "640", ...words);
    t.is(status, 0);
    return (JSON.parse(out) as { pictures: Row[] }).pictures[0]!;
  };
  const plain = await first("--contours", "50,20", "--centroid", "20,20");
  t.deepEqual(plain.contours, [20, 50]);
  const { x, y } = plain.centroids[0]!;
  t.true(Math.hypot(x - 21.5, y - 18) < 0.01);
  t.is((await first("--contours", "4")).contours.length, 4);
  t.true((await first("--surface")).height > plain.height + 300);
  t.is((await look("star.fits", "--contours", "many")).status, 2);
  t.is((await look("star.fits", "--centroid", "50,3")).status, 2);
});

test.serial("the spectrum of a rectangle: sums, errors and areas by channel and wavelength", async (t) => {
  // value = channel + 10 in every pixel, errors 0.5; one pixel of channel 2 isn't to be used, channel 3 has none
  const [n, planes] = [16, 3];
  const cube = (of: (channel: number, i: number) => number): number[] =>
    Array.from({ length: planes * n }, (_, i) => of(Math.floor(i / n) + 1, i % n));
  const shape = [planes, 4, 4];
  const axis = Object.entries({ CTYPE3: "WAVE", CUNIT3: "um", CRPIX3: 1, CRVAL3: 2, CDELT3: 0.5 });
  writeFits(join(folder, "cube.fits"), [
    { cards: [] },
    {
      name: "SCI",
      cards: axis.map(([keyword, value]) => ({ keyword, value })),
      shape,
      data: Float32Array.from(cube((channel) => (channel === 3 ? NaN : channel + 10))),
    },
    { name: "ERR", cards: [], shape, data: new Float32Array(planes * n).fill(0.5) },
    { name: "DQ", cards: [], shape, data: Uint32Array.from(cube((c, i) => (c === 2 && i === 5 ? 1 : 0))) },
  ]);
  const { status, out } = await look("cube.fits", "--collapse", "mean", "--spectrum", "2:3,2:3");
  t.is(status, 0);
  t.is(out, "cube.png\ncube_spectrum1.csv\n");
  t.is(
    readFileSync(join(folder, "cube_spectrum1.csv"), "utf8"),
    `# iris look\nchannel,wave,sum,error,area\n1,2,44,1,4\n2,2.5,36,${Math.sqrt(0.75)},3\n3,3,,0,0\n`,
  );
  t.is((await look("image_cal.fits", "--spectrum", "1:2,1:2")).status, 2);
  t.is((await look("cube.fits", "--spectrum", "1:2,1:2", "--smooth-spectrum", "box")).status, 2);
});
