import { join } from "node:path";
import test from "ava";
import { UsageError } from "../../src/errors.js";
import { parseReject } from "../../src/engine/reject.js";
import { openFits, readImage, writeFits } from "../../src/fits/index.js";
import {
  cards,
  cube,
  shape,
  tframe,
  valueAt,
  writeCube,
  writeRead,
  writeReads,
} from "../helpers/ramp-files.js";
import { folder, layer, pixels, reduce, request } from "./helpers.js";

const none = { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" };
const only = {
  ...{ pipeline: "stage1", from: "ramp_fit", until: "ramp_fit" },
  layers: [layer({ refs: none })],
};

const isOut = (words: string[], number: number, time = 0, telemetry = {}) =>
  parseReject(words)!.test({ number, time, telemetry });

test("numbers and ranges of numbers", (t) => {
  t.deepEqual(
    [1, 2, 3, 5, 6, 7, 8].map((n) => isOut(["2,5-7"], n)),
    [false, true, false, true, true, true, false],
  );
  t.true(isOut(["2", "9"], 9));
});

test("times since the reset, both ends included, either end open", (t) => {
  t.deepEqual(
    [9.9, 10, 25.5, 26].map((time) => isOut(["10:25.5"], 1, time)),
    [false, true, true, false],
  );
  t.true(isOut(["300s:"], 1, 1e9));
  t.true(isOut([":2.5s"], 1, 2.5));
  t.false(isOut([":2.5s"], 1, 2.6));
});

test("conditions on telemetry, with number and time of the read", (t) => {
  t.true(isOut(["seeing > 0.9"], 1, 0, { SEEING: 1 }));
  t.false(isOut(["seeing > 0.9"], 1, 0, { SEEING: 0.9 }));
  t.false(isOut(["seeing > 0.9"], 1, 0, {}));
  t.true(isOut(["seeing > 0.9 or not guiding = T"], 1, 0, { SEEING: 0.5, GUIDING: false }));
  t.true(isOut(["read = 4 and time < 10"], 4, 9));
});

test("a range that begins after its end rejects nothing: a usage error", (t) => {
  t.throws(() => parseReject(["2,5-3"]), { instanceOf: UsageError, message: /5-3 begins after its end/ });
  t.throws(() => parseReject(["25s:10"]), { instanceOf: UsageError, message: /25:10 begins after its end/ });
  t.true(isOut(["3-3"], 3));
  t.true(isOut(["10:10"], 1, 10));
});

test("what is none of these is a usage error that shows where", (t) => {
  t.throws(() => parseReject(["seeing >"]), { instanceOf: UsageError, message: /--reject "seeing >"/ });
  t.is(parseReject([]), null);
});

test("rejected reads of a file: as if they had never been taken", async (t) => {
  const dir = folder();
  const { nints, ngroups, ny, nx } = shape;
  const kept = [0, 2, 3, 5];
  const plane = nx * ny;
  const all = cube();
  const some = new Uint16Array(nints * kept.length * plane);
  for (let i = 0; i < nints; i++)
    kept.forEach((g, k) => {
      const from = (i * ngroups + g) * plane;
      some.set(all.subarray(from, from + plane), (i * kept.length + k) * plane);
    });
  const times = Float64Array.from(
    { length: nints * kept.length },
    (_, j) => tframe * (kept[j % kept.length]! + 1),
  );
  const whole = await reduce(
    request(folder(), [writeCube(join(dir, "a.fits"))], { ...only, reject: ["2,5"] }),
  );
  // the same four reads in a file with their times
  const samples = Uint16Array.from({ length: some.length }, (_, j) => {
    const p = Math.floor(j / (nints * kept.length));
    const r = j % (nints * kept.length);
    return some[r * plane + p]!;
  });
  const path = join(dir, "b.fits");
  writeFits(path, [
    { cards: cards({ GAIN: 2, READNOIS: 10 }) },
    { name: "DATA", data: samples, shape: [ny, nx, nints, kept.length] },
    { name: "TIMES", data: times, shape: [nints, kept.length] },
  ]);
  const uneven = await reduce(request(folder(), [path], only));
  t.deepEqual(pixels(whole.plan.products[0]!.output), pixels(uneven.plan.products[0]!.output));
  t.deepEqual(whole.plan.products[0]!.inputs[0]!.exposure.readout?.times, [2, 6, 8, 12]);
  t.true(
    whole.plan.products[0]!.caveats.some(({ message }) =>
      message.startsWith("4 of 12 reads left out by --reject 2,5"),
    ),
  );
});

test("a table with one row per read is telemetry", async (t) => {
  const path = join(folder(), "ramp.fits");
  const { nints, ngroups, ny, nx } = shape;
  writeFits(path, [
    { cards: cards({ TFRAME: tframe, GAIN: 2, READNOIS: 10 }) },
    { name: "SCI", data: cube(), shape: [nints, ngroups, ny, nx] },
    {
      type: "bintable",
      name: "TELEMETRY",
      columns: [{ name: "seeing", data: Float64Array.from([0.5, 0.6, 1.2, 0.6, 1.1, 0.7]) }],
    },
  ]);
  const { plan } = await reduce(request(folder(), [path], { ...only, reject: ["seeing > 1"] }));
  t.deepEqual(plan.products[0]!.inputs[0]!.layout?.numbers, [1, 2, 4, 6]);
});

test("headers of single reads are telemetry; another rule is another product", async (t) => {
  const dir = folder();
  const files = writeReads(dir, { SEEING: 0.8 });
  const out = folder();
  const first = await reduce(request(out, files, { ...only, reject: ["read = 3"] }));
  t.is(first.plan.products[0]!.inputs[0]!.layout?.files.length, files.length - 2);
  const again = await reduce(request(out, files, { ...only, reject: ["read = 4"] }));
  t.deepEqual(again.plan.products[0]!.reasons, ["inputChanged"]);
  const none = await reduce(request(out, files, { ...only, reject: ["seeing > 0.9"] }));
  t.true(
    none.plan.products[0]!.caveats.some(
      ({ message }) => message === "--reject seeing > 0.9 leaves no read out",
    ),
  );
});

test("a name that no read has, and a rule that leaves nothing, are errors of the exposure", async (t) => {
  const path = writeCube(join(folder(), "a.fits"));
  const unknown = await reduce(request(folder(), [path], { ...only, reject: ["humidity > 3"] }));
  t.regex(unknown.plan.problems[0]!.message, /cannot reject by HUMIDITY: .* known: READ, TIME/);
  const nothing = await reduce(request(folder(), [path], { ...only, reject: ["1-6"] }));
  t.regex(nothing.plan.problems[0]!.message, /no read is left: .* takes all 6/);
});

test("every fit knows the times of the reads that are left: 5 DN every 2 s is 2.5 DN/s", async (t) => {
  const { nints, ngroups, ny, nx } = shape;
  const straight = Uint16Array.from(
    { length: nints * ngroups * ny * nx },
    (_, i) => 1000 + 5 * (Math.floor(i / (nx * ny)) % ngroups),
  );
  const path = writeCube(join(folder(), "a.fits"), {}, straight);
  for (const mode of ["utr", "mcds", "cds", "ols", "likelihood"]) {
    const fit = layer({ params: { ramp_fit: { mode, unit: "DN/s" } }, refs: none });
    for (const reject of [["2,5"], ["1,2"], ["4:6"]]) {
      const { plan } = await reduce(request(folder(), [path], { ...only, layers: [fit], reject }));
      const file = openFits(plan.products[0]!.output);
      const sci = readImage(file, file.hdu("SCI")!).data as Float32Array;
      file.close();
      t.true(
        sci.every((rate) => Math.abs(rate - 2.5) < 1e-6),
        `${mode} without ${reject.join()}: ${sci[0]}`,
      );
    }
  }
});

test("the dark of a read that was rejected isn't subtracted from the next", async (t) => {
  const dir = folder();
  const { ngroups, ny, nx } = shape;
  const plane = ny * nx;
  // a dark that isn't even: read k has k²
  const dark = Float32Array.from({ length: ngroups * plane }, (_, i) => Math.floor(i / plane) ** 2);
  const raw = Uint16Array.from({ length: 2 * ngroups * plane }, (_, i) => {
    const read = Math.floor(i / plane) % ngroups;
    return 1000 + 5 * read + read ** 2;
  });
  const path = writeCube(join(dir, "a.fits"), {}, raw);
  writeFits(join(dir, "dark.fits"), [{ name: "SCI", data: dark, shape: [ngroups, ny, nx] }]);
  const { plan, events } = await reduce(
    request(folder(), [path], {
      ...{ pipeline: "stage1", from: "dark", until: "ramp_fit", reject: ["3"] },
      layers: [
        layer({
          params: { ramp_fit: { unit: "DN/s" } },
          skip: { dark: false, jump: true },
          refs: { ...none, DARK: join(dir, "dark.fits") },
        }),
      ],
    }),
  );
  t.deepEqual(
    events.filter(({ type }) => type === "failure"),
    [],
  );
  const file = openFits(plan.products[0]!.output);
  const sci = readImage(file, file.hdu("SCI")!).data as Float32Array;
  file.close();
  t.true(
    sci.every((rate) => Math.abs(rate - 2.5) < 1e-6),
    String(sci[0]),
  );
});

/** What `dark` leaves of a pixel whose reads, numbered from 0, rise like the dark: 0 where each is paired with its own. */
async function afterDark(files: string[]) {
  const { ngroups, ny, nx } = shape;
  const plane = ny * nx;
  const path = join(folder(), "dark.fits");
  const data = Float32Array.from({ length: ngroups * plane }, (_, i) =>
    valueAt(0, Math.floor(i / plane), Math.floor((i % plane) / nx), i % nx),
  );
  writeFits(path, [{ name: "SCI", data, shape: [ngroups, ny, nx] }]);
  const { plan } = await reduce(
    request(folder(), files, {
      step: { name: "dark", module: null },
      layers: [layer({ refs: { DARK: path } })],
    }),
  );
  const [product] = plan.products;
  const file = openFits(product!.output);
  const sci = readImage(file, file.hdu("SCI")!).data as Float32Array;
  file.close();
  const { exposure } = product!.inputs[0]!;
  const missing = exposure.assumed.filter((sentence) => /missing|left out/.test(sentence));
  return { most: Math.max(...sci.map(Math.abs)), missing };
}

test("reads in files: the first missing or broken off, each read still has its own dark, and it is said", async (t) => {
  const reads = (numbers: number[], keywords = {}, shift = 0): string[] => {
    const dir = folder();
    return numbers.map((read) => writeRead(dir, 0, read, { READ_NO: read + shift, ...keywords }));
  };
  const six = { NUMREADS: 6 };
  const without = await afterDark(reads([1, 2, 3, 4, 5], six));
  t.deepEqual([without.most, without.missing], [0, ["read 0 missing"]]);
  const broken = [...reads([0], { COMPLETE: false }), ...reads([1, 2, 3, 4, 5])];
  const { most, missing } = await afterDark(broken);
  t.deepEqual([most, missing], [0, ["COMPLETE is F in read 0: left out"]]);
  const ends = await afterDark(reads([1, 2, 4], six));
  t.deepEqual([ends.most, ends.missing], [0, ["reads 0, 3, 5 missing"]]);
  // counted from 1, as the last one's number tells
  const fromOne = await afterDark(reads([0, 1, 2, 3, 4, 5], six, 1));
  t.deepEqual([fromOne.most, fromOne.missing], [0, []]);
  const second = await afterDark(reads([1, 2, 3, 4, 5], six, 1));
  t.deepEqual([second.most, second.missing], [0, ["read 1 missing"]]);
});
