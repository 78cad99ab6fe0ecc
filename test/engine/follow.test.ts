import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "ava";
import { follow, type FollowOptions } from "../../src/engine/follow.js";
import type { Event, Request } from "../../src/engine/index.js";
import { openFits, packedPieces, writeFits, writePieces } from "../../src/fits/index.js";
import type { Sampling } from "../../src/kernels/ramp/sampling.js";
import { shape, valueAt, writeCube, writeRead, writeReads } from "../helpers/ramp-files.js";
import { collect, folder, layer, pixels, reduce, request } from "./helpers.js";

type Mode = Sampling["mode"];

const wanted = (out: string, inputs: string[], mode: Mode, more: Partial<Request> = {}): Request =>
  request(out, inputs, {
    ...{ pipeline: "stage1", from: "ramp_fit", until: "ramp_fit" },
    layers: [
      layer({
        params: { ramp_fit: { mode, nreads: 2 } },
        refs: { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" },
      }),
    ],
    ...more,
  });

const options = (
  ask: Request,
  dir: string,
  mode: Mode,
  more: Partial<FollowOptions> = {},
): FollowOptions => ({
  ...{ host: ask.host, jobs: 1, mem: 1e9, force: false, folder: dir, idle: 0.15 },
  sampling: { mode, nreads: 2, overlap: false },
  ...more,
});

const made = (events: readonly Event[]): string[] =>
  events.flatMap((event) => (event.type === "product" ? [event.path] : []));

for (const mode of ["utr", "mcds", "cds"] as const)
  test(`${mode}: reads summed as they come = all reads at once, bit for bit, and fresh from then on`, async (t) => {
    const dir = folder();
    const files = writeReads(dir, { NUMREADS: shape.ngroups, NUMRAMPS: shape.nints });
    const [live, batch] = [folder(), folder()];
    const ask = wanted(live, [], mode);
    const events = await collect(follow(ask, options(ask, dir, mode)));
    const whole = await reduce(wanted(batch, files, mode));
    t.is(made(events).length, 1);
    t.deepEqual(pixels(made(events)[0]!), pixels(whole.plan.products[0]!.output));
    t.deepEqual((await reduce(wanted(live, files, mode))).plan.products[0]!.reasons, []);
    t.like(events.at(-1), { type: "summary", made: 1, failed: 0 });
  });

test("the product is there with the last read announced, while the folder is still followed", async (t) => {
  const dir = folder();
  const ask = wanted(folder(), [], "utr");
  const controller = new AbortController();
  const events = follow(ask, options(ask, dir, "utr", { idle: undefined, signal: controller.signal }));
  const write = async () => {
    for (let read = 0; read < shape.ngroups; read++) {
      await setTimeout(40);
      writeRead(dir, 0, read, { NUMREADS: shape.ngroups });
    }
  };
  const writing = write();
  let product = "";
  for await (const event of events) {
    if (event.type !== "product") continue;
    product = event.path;
    controller.abort();
  }
  await writing;
  t.regex(product, /IMG1_e5_r0_rate\.fits$/);
});

test("the next exposure of the detector ends the one before it; silence ends the last", async (t) => {
  const dir = folder();
  writeReads(dir, { EXP_NO: 1 });
  writeReads(dir, { EXP_NO: 2 });
  const ask = wanted(folder(), [], "cds");
  const events = await collect(follow(ask, options(ask, dir, "cds")));
  t.deepEqual(
    made(events).map((path) => path.replace(/.*\//, "")),
    ["IMG1_e1_rate.fits", "IMG1_e2_rate.fits"],
  );
});

test("a read that isn't whole yet waits; one that never is, is a failure of its own", async (t) => {
  const dir = folder();
  const files = writeReads(dir, {}).slice(0, 6);
  const late = files[5]!;
  const bytes = readFileSync(late);
  writeFileSync(late, bytes.subarray(0, 3000));
  const ask = wanted(folder(), [], "utr");
  const following = collect(follow(ask, options(ask, dir, "utr", { idle: 0.4 })));
  await setTimeout(150);
  appendFileSync(late, bytes.subarray(3000));
  t.is(made(await following).length, 1);

  writeFileSync(late, bytes.subarray(0, 3000));
  const again = await collect(follow(ask, options(ask, dir, "utr")));
  t.true(again.some((event) => event.type === "failure" && event.message.includes("isn't whole")));
});

test("rejected reads aren't summed, doubled ones are read again: the product is that of the batch", async (t) => {
  const dir = folder();
  const files = [
    ...writeReads(dir, { NUMREADS: 6, NUMRAMPS: 2 }),
    writeRead(dir, 0, 2, {}, "IMG1_e5_r0_0002b.fits"),
  ];
  for (const reject of [["read = 3"], []]) {
    const batch = await reduce(wanted(folder(), files, "utr", { reject }));
    const ask = wanted(folder(), [], "utr", { reject });
    const events = await collect(follow(ask, options(ask, dir, "utr")));
    t.deepEqual(pixels(made(events).at(-1)!), pixels(batch.plan.products[0]!.output));
  }
  rmSync(files.at(-1)!);
});

test("a read that comes after the last makes the product anew, from all", async (t) => {
  const dir = folder();
  const files = writeReads(dir, { NUMREADS: 5, NUMRAMPS: 2 });
  const batch = await reduce(wanted(folder(), files, "utr"));
  const ask = wanted(folder(), [], "utr");
  const events = await collect(follow(ask, options(ask, dir, "utr")));
  t.true(made(events).length >= 2);
  t.deepEqual(pixels(made(events).at(-1)!), pixels(batch.plan.products[0]!.output));
});

test("a fit that needs all reads at once gets them when the last is there", async (t) => {
  const dir = folder();
  const files = writeReads(dir, { NUMREADS: 6, NUMRAMPS: 2 });
  const layers = [
    layer({
      params: { ramp_fit: { mode: "ols" } },
      refs: { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" },
    }),
  ];
  const batch = await reduce(wanted(folder(), files, "utr", { layers }));
  const ask = wanted(folder(), [], "utr", { layers });
  for (const sampling of [null, { mode: "utr", nreads: 1, overlap: false } as const]) {
    const events = await collect(follow({ ...ask, out: folder() }, options(ask, dir, "utr", { sampling })));
    t.deepEqual(pixels(made(events)[0]!), pixels(batch.plan.products[0]!.output));
  }
});

test("sums don't serve a fit of some of the groups: the reads are read again", async (t) => {
  const dir = folder();
  const files = writeReads(dir, { NUMREADS: 6, NUMRAMPS: 2 });
  for (const limit of [{ firstgroup: 2 }, { lastgroup: 3 }]) {
    const layers = [
      layer({
        params: { ramp_fit: { mode: "utr", ...limit } },
        refs: { GAIN: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A" },
      }),
    ];
    const batch = await reduce(wanted(folder(), files, "utr", { layers }));
    const ask = wanted(folder(), [], "utr", { layers });
    const events = await collect(follow(ask, options(ask, dir, "utr")));
    t.deepEqual(pixels(made(events)[0]!), pixels(batch.plan.products[0]!.output));
  }
});

/** Reads of float samples, or of int32, the fifth with this value in one pixel. */
function wideReads(dir: string, type: typeof Float32Array | typeof Int32Array, value: number): string[] {
  const [ny, nx] = [shape.ny, shape.nx];
  const structure = /^(SIMPLE|BITPIX|NAXIS\d?|BZERO|BSCALE)$/;
  return Array.from({ length: shape.ngroups }, (_, k) => {
    const path = writeRead(dir, 0, k, { NUMREADS: shape.ngroups });
    const file = openFits(path);
    const cards = file.hdus[0]!.header.cards.filter(({ keyword }) => !structure.test(keyword));
    file.close();
    const values = Array.from({ length: ny * nx }, (__, p) =>
      k === 4 && p === 30 ? value : valueAt(0, k, Math.floor(p / nx), p % nx),
    );
    writeFits(path, [{ cards, data: new type(values), shape: [ny, nx] }]);
    return path;
  });
}

for (const [what, type, value] of [
  ["NaN", Float32Array, NaN],
  ["infinite", Float32Array, Infinity],
  ["beyond 2²⁴", Int32Array, 2 ** 30 + 1],
] as const)
  test(`sums don't serve reads with a pixel that is ${what}: they are read again`, async (t) => {
    const dir = folder();
    const files = wideReads(dir, type, value);
    const batch = await reduce(wanted(folder(), files, "utr"));
    const ask = wanted(folder(), [], "utr");
    const events = await collect(follow(ask, options(ask, dir, "utr")));
    t.deepEqual(pixels(made(events)[0]!), pixels(batch.plan.products[0]!.output));
  });

test("reads that are tile-compressed are followed like any other", async (t) => {
  const [plain, dir] = [folder(), folder()];
  const files = writeReads(plain, { NUMREADS: 6, NUMRAMPS: 2 }).map((path) => {
    const packed = join(dir, `${basename(path)}.fz`);
    const file = openFits(path);
    writePieces(packed, packedPieces(file, { algorithm: "RICE_1", quantise: null }));
    file.close();
    return packed;
  });
  const batch = await reduce(wanted(folder(), files, "utr"));
  const ask = wanted(folder(), [], "utr");
  const events = await collect(follow(ask, options(ask, dir, "utr")));
  t.deepEqual(pixels(made(events)[0]!), pixels(batch.plan.products[0]!.output));
});

test("a file of whole ramps is reduced like any other", async (t) => {
  const dir = folder();
  writeCube(join(dir, "night_uncal.fits"));
  const ask = wanted(folder(), [], "utr");
  t.regex(made(await collect(follow(ask, options(ask, dir, "utr"))))[0]!, /night_rate\.fits$/);
});

test("a folder that isn't there is an error", async (t) => {
  const ask = wanted(folder(), [], "utr");
  await t.throwsAsync(collect(follow(ask, options(ask, "/nowhere/at/all", "utr"))), {
    message: /cannot follow \/nowhere/,
  });
});
