import { cpSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { translateFlags } from "../../src/data/dq-def.js";
import { editHeaders, keywordsOf, makeEntry, openFits, readTable, setEntry } from "../../src/fits/index.js";
import { iris } from "../crds/command.js";
import { fixture, folder, reduce, request } from "./helpers.js";

function opened<T>(path: string, look: (file: ReturnType<typeof openFits>) => T): T {
  const file = openFits(path);
  try {
    return look(file);
  } finally {
    file.close();
  }
}

const header = (path: string) => opened(path, (file) => keywordsOf(file.hdus[0]!.header));

const table = (path: string) =>
  opened(path, (file) => {
    const { rows, columns, column } = readTable(file, file.hdu("HDRTAB")!);
    return {
      rows,
      values: Object.fromEntries(
        columns.map(({ name }) => [name, Array.from({ length: rows }, (_, row) => column(name)!.at(row))]),
      ),
    };
  });

/** The science fixture under another name, with other keywords. */
function exposure(name: string, keywords: Record<string, string | number>): string {
  const path = join(folder(), name);
  cpSync(fixture("iris_sci_rate.fits"), path);
  editHeaders(path, ({ index }, entries) => {
    if (index > 0) return null;
    const named = Object.entries(keywords).map(([keyword, value]) => makeEntry({ keyword, value }));
    return named.reduce((all, entry) => setEntry(all, entry.card), entries);
  });
  return path;
}

test("a mosaic says what is true of all: total time, its own centre, no window; the rest stands in HDRTAB", async (t) => {
  const inputs = [
    exposure("a_rate.fits", { XOFFSET: 0, EXPNUM: 7 }),
    exposure("b_rate.fits", {
      ...{ XOFFSET: 0.1, EXPNUM: 8, RA: 150.2, DETECTOR: "IMG2", R_MASK: "other.fits" },
      ...{ EXPDTST: "20260305080200", EXPDTMID: "20260305080230", EXPDTEND: "20260305080300" },
    }),
  ];
  const { plan } = await reduce(request(folder(), inputs, { pipeline: "image3_mosaic" }));
  const { output } = plan.products[0]!;
  const said = header(output);
  t.like(said, {
    EXPTIME: 120,
    TEXPTIME: 120,
    SUBARRAY: "N/A",
    DETECTOR: "MULTIPLE",
    EXPDTST: "20260305080000",
    // half of 08:00:30 and 08:02:30
    EXPDTMID: "20260305080130",
    EXPDTEND: "20260305080300",
  });
  for (const keyword of ["SUBSTRT1", "SUBSIZE1", "EXPNUM", "XOFFSET"])
    t.is(said[keyword], undefined, keyword);
  // both frames lie on the same pixels: the centre of the fixture's 128² pixels, half a pixel of 0.004″ from RA, DEC
  t.true(Math.abs(Number(said["RA"]) - 150.103569301) < 1e-6);
  t.true(Math.abs(Number(said["DEC"]) - 2.201433329) < 1e-6);
  const { rows, values } = table(output);
  t.is(rows, 2);
  t.deepEqual(values["FILENAME"], ["a_rate.fits", "b_rate.fits"]);
  t.deepEqual(values["EXPNUM"], [7, 8]);
  t.deepEqual(values["DETECTOR"], ["IMG1", "IMG2"]);
  t.deepEqual(values["R_MASK"], ["", "other.fits"]);
  t.is(values["FILTER"], undefined);
});

const darks = [1, 2, 3].map((i) => fixture(`iris_dark_${String(i)}_rate.fits`));

test("a master keeps window and time of its exposures, says what rules ask for, and what its flags mean", async (t) => {
  const out = folder();
  const { plan } = await reduce(request(out, darks, { pipeline: "create_bpm" }));
  const { output } = plan.products[0]!;
  const said = header(output);
  t.like(said, {
    REFVER: "0.0.1",
    USEAFTER: "2026-03-05T05:06:00",
    DESCRIP: "mask of 3 exposures by create_bpm",
    SUBSIZE1: 64,
    EXPTIME: header(darks[0]!)["EXPTIME"],
    EXPDTEND: header(darks[2]!)["EXPDTEND"],
  });
  t.is(table(output).rows, 3);
  opened(output, (file) => {
    const flags = readTable(file, file.hdu("DQ_DEF")!);
    t.is(flags.rows, 32);
    t.is(String(flags.column("NAME")!.at(11)).trim(), "HOT");
    t.is(Number(flags.column("VALUE")!.at(31)), 2 ** 31);
    t.is(translateFlags(file), null);
  });
  const certified = await iris(["crds", "certify", output], { cwd: out, env: {} });
  t.deepEqual([certified.exit, certified.out], [0, ""], certified.err);
});

test("a second version of a calibration is REFVER 0.0.2", async (t) => {
  const out = folder();
  await reduce(request(out, darks, { pipeline: "create_dark" }));
  const { plan } = await reduce(request(out, darks.slice(0, 2), { pipeline: "create_dark" }));
  t.is(header(plan.products[0]!.output)["REFVER"], "0.0.2");
});
