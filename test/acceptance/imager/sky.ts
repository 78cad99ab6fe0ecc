/** Families of the smooth sky: the map itself, and the pipeline that subtracts it. */
import { darkSub } from "../../../src/steps/dark_sub.js";
import { flatField } from "../../../src/steps/flat_field.js";
import { assignWcs } from "../../../src/steps/assign_wcs.js";
import { calcBkgImager } from "../../../src/steps/calc_bkg_imager.js";
import { subtractBkg } from "../../../src/steps/subtract_bkg.js";
import { pixelToSky, readWcs } from "../../../src/wcs/index.js";
import { filterMesh, fillMesh, makeMesh } from "../../../src/kernels/image/background-mesh.js";
import { expandMesh } from "../../../src/kernels/image/spline.js";
import { compare, firstOf, readPlanes, toleranceOf, type Case, type Planes } from "./case.js";
import { dataOf } from "./statistics.js";
import type { Check } from "./spine.js";
import { imageOf, runStep } from "./steps.js";

const calcBackground: Check = (c: Case) => {
  const { sci, dq, nx, ny } = readPlanes(c, c.inputs["image"]);
  const p = c.params as Record<string, number>;
  const box = p["box_size"]!;
  const mesh = makeMesh(sci, dq, nx, ny, box, {
    sigmaLow: p["sigma_low"]!,
    sigmaHigh: p["sigma_high"]!,
    iterations: p["maxiters"]!,
  });
  const expected = (extension: string): number[] =>
    Array.from(dataOf(c, c.expected["background"], extension) as ArrayLike<number>);
  const good = expected("GOODBOX");
  const inGood = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, b) => good[b]);
  const tight = { rtol: 1e-6, atol: 0 };
  const filled = good.includes(0) && good.filter(Boolean).length > 10;
  const meshTolerance = filled ? { rtol: 2e-2, atol: 0 } : tight;
  const finished = (values: Float64Array): Float64Array => {
    const copy = values.slice();
    fillMesh(copy, mesh.good, mesh.mx);
    return filterMesh(copy, mesh.mx, mesh.my, p["filter_size"]!);
  };
  const expand = (values: readonly number[]): Float32Array => {
    const map = new Float32Array(nx * ny);
    expandMesh(map, Float64Array.from(values), mesh.mx, mesh.my, box, nx, ny);
    return map;
  };
  return firstOf(
    compare("GOODBOX", mesh.good, good, { rtol: 0, atol: 0 }),
    compare("RAWMESH", inGood(mesh.value), inGood(expected("RAWMESH")), tight),
    compare("BKG from the given mesh", expand(expected("MESH")), expected("BKG"), tight),
    compare("RMS from the given mesh", expand(expected("RMS_MESH")), expected("RMS"), tight),
    compare("MESH", finished(mesh.value), expected("MESH"), meshTolerance),
    compare("RMS_MESH", finished(mesh.rms), expected("RMS_MESH"), meshTolerance),
  );
};

/** Dark and flat of one exposure, in the peer's order. */
function reduceTo(c: Case, name: unknown): Planes {
  const raw = readPlanes(c, name);
  const dark = runStep(darkSub, imageOf(raw), { refs: { dark: readPlanes(c, c.inputs["dark"]) } }).image;
  const flat = runStep(flatField, dark, { refs: { flat: readPlanes(c, c.inputs["flat"]) } }).image;
  return { ...raw, sci: flat.sci, err: flat.err, dq: flat.dq };
}

const imagerStage2: Check = (c) => {
  const params = Object.fromEntries(
    Object.entries(c.params).map(([key, value]) => [key.replace("calc_background.", ""), value]),
  );
  const science = reduceTo(c, (c.inputs["SCI"] as string[])[0]);
  const skies = ((c.inputs["SKY"] ?? []) as string[]).map((name) => reduceTo(c, name));
  const expected = readPlanes(c, c.expected["result_0"]);
  const background = readPlanes(c, c.expected["background"]);
  const done = runStep(subtractBkg, imageOf(science), { params, members: { background: skies } });
  const map = runStep(calcBkgImager, imageOf(skies[0] ?? science), { params });
  const exact = { rtol: 0, atol: 0 };
  // The peer's sky is NaN where the exposure that it was made of is flagged; ours goes on.
  const known = (values: ArrayLike<number>): number[] =>
    Array.from(values).filter((_, i) => Number.isFinite(background.sci[i]));
  return firstOf(
    compare("sky", known(map.image.sci), known(background.sci), toleranceOf(c, "background")),
    compare(
      "SCI with the peer's sky",
      known(science.sci.map((value, i) => value - background.sci[i]!)),
      known(expected.sci),
      toleranceOf(c, "result_given_expected_background"),
    ),
    compare(
      "SCI",
      done.image.sci.map((value, i) => science.sci[i]! - value),
      map.image.sci,
      {
        rtol: 1e-5,
        atol: 1e-2,
      },
    ),
    compare("ERR", known(done.image.err), known(expected.err), toleranceOf(c, "err")),
    compare("DQ", done.image.dq, expected.dq, exact),
    positions(c, science),
  );
};

/** The peer counts CRPIX from 0. */
function positions(c: Case, { header, nx, ny }: Planes): string | undefined {
  const { pixels, radec } = c.expected["wcs_0"] as { pixels: number[][]; radec: number[][] };
  const image = imageOf({ ...readPlanes(c, (c.inputs["SCI"] as string[])[0]), nx, ny });
  const { keywords } = runStep(assignWcs, image, { header, params: { liger_crpix: true } });
  const wcs = readWcs(keywords);
  if ("none" in wcs) return wcs.none;
  return compare(
    "radec",
    pixels.flatMap(([x, y]) => pixelToSky(wcs, x!, y!)),
    radec.flat(),
    { rtol: 0, atol: 1e-10 },
  );
}

export const skyFamilies: Readonly<Record<string, Check>> = {
  calc_background: calcBackground,
  imager_stage2: imagerStage2,
};
