/** Families of flux calibration, distortion and mosaic. */
import {
  fluxDensity,
  medianZeroPoint,
  microjansky,
  zeroPoint,
} from "../../../src/kernels/image/magnitudes.js";
import { mosaic, type Tile } from "../../../src/kernels/image/mosaic.js";
import { fitPlanck } from "../../../src/kernels/image/planck.js";
import { fitDistortion, type Position } from "../../../src/wcs/fit-distortion.js";
import { compare, firstOf, toleranceOf } from "./case.js";
import type { Check } from "./spine.js";
import { dataOf } from "./statistics.js";

const fluxCalibration: Check = (c) => {
  const near = { rtol: Number((c.tolerance as Record<string, unknown>)["rtol"]), atol: 0 };
  const given = c.inputs["stars"] as Record<"dn" | "exptime" | "catalog_mag" | "airmass", number>[];
  const stars = given.map(({ dn, exptime, catalog_mag, airmass }) => ({
    counts: dn,
    exptime,
    magnitude: catalog_mag,
    airmass,
  }));
  const e = c.expected;
  const points = stars.map((star) => zeroPoint(star));
  const { value, scatter } = medianZeroPoint(points);
  const extinction = Number(c.inputs["extinction_mag_per_airmass"]);
  const corrected = stars.map((star) => zeroPoint(star, extinction));
  const mean = corrected.reduce((sum, zp) => sum + zp, 0) / corrected.length;
  const densities = e["abmag_to_fnu"] as Record<"mag" | "fnu_cgs" | "ujy", number>[];
  const photometry = c.inputs["photometry_um_flam"] as [number, number][];
  const star = fitPlanck(
    photometry.map(([wave]) => wave),
    photometry.map(([, flux]) => flux),
  );
  if (!star) return "no temperature";
  const { wave_um: waves, ...spectra } = e["planck_flam"] as Record<string, number[]>;
  const spectrum = waves!.map((wave) => star.at(wave));
  const rate = c.inputs["std_rate"] as number[];
  const cube = c.inputs["sci_rate_cube"] as number[][][];
  const fluxes = cube.flatMap((plane, z) => plane.flat().map((r) => (spectrum[z]! / rate[z]!) * r));
  return firstOf(
    compare("zero points", points, e["zeropoints"] as number[], near),
    compare("median", [value], [Number(e["zp_median"])], near),
    compare("scatter", [scatter], [Number(e["zp_mad_std"])], near),
    compare("corrected mean", [mean], [Number(e["zp_extinction_corrected_mean"])], near),
    compare(
      "AB → cgs",
      densities.map(({ mag }) => fluxDensity(mag)),
      densities.map(({ fnu_cgs }) => fnu_cgs),
      near,
    ),
    compare(
      "AB → µJy",
      densities.map(({ mag }) => microjansky(mag)),
      densities.map(({ ujy }) => ujy),
      near,
    ),
    compare("temperature", [star.temperature], [Number(e["planck_T"])], near),
    ...Object.entries(spectra).map(([name, wanted]) => compare(name, spectrum, wanted, near)),
    compare("cube", fluxes, (e["sci_flux_cube"] as number[][][]).flat(2), near),
  );
};

const distortionFit: Check = (c) => {
  const { order, origin } = c.params as unknown as { order: number; origin: Position };
  const fit = fitDistortion(c.inputs["ideal"] as Position[], c.inputs["measured"] as Position[], {
    order,
    origin,
  });
  const tolerance = c.tolerance as { residual_pixel_rms: number; coeffs: { rtol: number } };
  const near = { rtol: tolerance.coeffs.rtol, atol: 0 };
  return firstOf(
    compare(
      "terms",
      fit.terms.flatMap(({ i, j }) => [i, j]),
      (c.expected["terms_xpow_ypow"] as number[][]).flat(),
      { rtol: 0, atol: 0 },
    ),
    compare("dx", fit.dx, c.expected["dx_coeffs"] as number[], near),
    compare("dy", fit.dy, c.expected["dy_coeffs"] as number[], near),
    compare("rms", fit.rms, [0, 0], { rtol: 0, atol: tolerance.residual_pixel_rms }),
  );
};

const mosaicInteger: Check = (c) => {
  const { method } = c.params as { method: "mean" | "median" };
  const offsets = c.inputs["offsets_xy"] as [number, number][];
  const [x0, y0] = c.expected["origin_xy"] as [number, number];
  const tiles = (c.inputs["frames"] as string[]).map((name, k): Tile<Float64Array> => {
    const [nx, ny] = [64, 64];
    const sci = Float64Array.from(dataOf(c, name, "SCI") as ArrayLike<number>);
    const dq = Uint32Array.from(dataOf(c, name, "DQ") as ArrayLike<number>);
    return { nx, ny, sci, err: null, dq, x: offsets[k]![0] - x0, y: offsets[k]![1] - y0 };
  });
  const nx = Math.max(...tiles.map((tile) => tile.x + tile.nx));
  const ny = Math.max(...tiles.map((tile) => tile.y + tile.ny));
  const out = {
    nx,
    ny,
    sci: new Float64Array(nx * ny),
    err: new Float64Array(nx * ny),
    dq: new Uint32Array(nx * ny),
    count: new Float64Array(nx * ny),
  };
  mosaic(out, tiles, {
    method,
    error: "scatter",
    clip: { sigmaLow: 3, sigmaHigh: 3, iterations: 1, center: "median", deviation: "madstd" },
    bad: 0xffffffff,
    empty: 1,
  });
  return firstOf(
    compare("N", out.count, dataOf(c, c.expected["mosaic"], "N"), { rtol: 0, atol: 0 }),
    compare("SCI", out.sci, dataOf(c, c.expected["mosaic"], "SCI"), toleranceOf(c, "sci")),
  );
};

export const fluxFamilies: Readonly<Record<string, Check>> = {
  flux_calibration: fluxCalibration,
  distortion_fit: distortionFit,
  mosaic_integer: mosaicInteger,
};
