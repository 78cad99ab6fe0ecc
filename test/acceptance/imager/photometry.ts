/** Families of source detection, aperture photometry and flux calibration. */
import {
  apertureSum,
  ringValues,
  type ApertureImage,
  type ApertureMethod,
} from "../../../src/kernels/image/apertures.js";
import { lightRadii } from "../../../src/kernels/image/light-radius.js";
import { detect } from "../../../src/kernels/image/detect.js";
import { clipRun, meanOfRun, medianOfRun } from "../../../src/kernels/image/sigma-clip.js";
import { subtractStarBackground } from "../../../src/kernels/image/star-background.js";
import { fitStar } from "../../../src/kernels/image/star-fit.js";
import { compare, firstOf, type Case } from "./case.js";
import type { Check } from "./spine.js";
import { dataOf } from "./statistics.js";

interface SepObject {
  x: number;
  y: number;
  a: number;
  flux: number;
}

type Sums = Record<string, Record<"flux" | "err", number[]> | number[]>;

const NX = 128;

function readField(c: Case) {
  const sci = Float32Array.from(dataOf(c, c.inputs["image"], "SCI") as ArrayLike<number>);
  const back = dataOf(c, c.expected["sep_background"], "BACK") as ArrayLike<number>;
  const bad = Uint8Array.from(dataOf(c, c.inputs["image"], "MASK") as ArrayLike<number>);
  return { sci, bad, back: Float64Array.from(back) };
}

const within = (rtol: number): { rtol: number; atol: number } => ({ rtol, atol: 1e-9 });

/**
 * sep's sums about sep's positions on sep's background, without the mask; photutils' about the true positions on the
 * raw image, with nothing in place of the masked pixels.
 */
function apertures(c: Case): string | undefined {
  const { sci, bad, back } = readField(c);
  const wanted = c.expected["photometry"] as Sums;
  const objects = c.expected["sep_objects"] as SepObject[];
  const rms = Number(c.expected["sep_globalrms"]);
  const flat: ApertureImage = {
    nx: NX,
    ny: NX,
    sci: Float32Array.from(sci, (v, i) => v - back[i]!),
    err: rms,
    bad: null,
  };
  const raw: ApertureImage = { ...flat, sci, err: null, bad };
  const positions = c.expected["positions_true"] as [number, number][];
  return firstOf(
    ...Object.entries(wanted).map(([name, values]) => {
      const radius = Number(/_r(\d+)$/.exec(name)?.[1]);
      if (name.startsWith("sep_exact") || name.startsWith("sep_subpix5")) {
        const { flux, err } = values as Record<"flux" | "err", number[]>;
        const method: ApertureMethod = name.startsWith("sep_exact") ? "exact" : 5;
        const sums = objects.map(({ x, y }) => apertureSum(flat, x, y, radius, method));
        return firstOf(
          compare(
            name,
            sums.map(({ sum }) => sum),
            Array.isArray(values) ? values : flux,
            within(1e-6),
          ),
          err &&
            compare(
              `${name} error`,
              sums.map((sum) => sum.err),
              err,
              within(1e-6),
            ),
        );
      }
      if (name === "sep_half_light_radius") {
        const circles = objects.map(({ x, y, a }) => ({ x, y, most: 6 * a }));
        return compare(name, [...lightRadii(flat, circles, 0.5)], values as number[], within(1e-6));
      }
      if (name.startsWith("photutils_")) {
        const method: ApertureMethod = name.includes("exact") ? "exact" : name.includes("center") ? 1 : 5;
        const sums = positions.map(([x, y]) => {
          const { sum, area, badArea } = apertureSum(raw, x, y, radius, method);
          return (sum * (area - badArea)) / area;
        });
        return compare(name, sums, values as number[], within(1e-9));
      }
      const [inner, outer] = (c.params as { annulus: [number, number] }).annulus;
      const levels = positions.map(([x, y]) => clippedRing(raw, x, y, inner, outer));
      const which = name.startsWith("annulus_median") ? 0 : 1;
      return compare(
        name,
        levels.map((level) => level[which]!),
        values as number[],
        within(1e-9),
      );
    }),
  );
}

function clippedRing(image: ApertureImage, x: number, y: number, inner: number, outer: number) {
  const values = new Float64Array(4 * outer * outer);
  const n = ringValues(values, image, x, y, inner, outer);
  const sorted = values.subarray(0, n).sort();
  const run = { from: 0, to: n };
  clipRun(sorted, run, {
    sigmaLow: 3,
    sigmaHigh: 3,
    iterations: 10,
    center: "median",
    deviation: "std",
  });
  return [medianOfRun(sorted, run), meanOfRun(sorted, run)];
}

function detection(c: Case): string | undefined {
  const { sci, bad, back } = readField(c);
  const p = c.params as { back: { bw: number; fw: number }; [name: string]: unknown };
  const flat = new Float32Array(sci.length);
  const found = subtractStarBackground(flat, sci, null, NX, NX, p.back.bw, p.back.fw);
  if (!found) return "no background";
  const rms = Number(c.expected["sep_globalrms"]);
  const sources = detect(
    { nx: NX, ny: NX, sci: flat, bad },
    {
      threshold: Number(p["thresh_sigma"]) * found.rms,
      minarea: Number(p["minarea"]),
      levels: Number(p["deblend_nthresh"]),
      contrast: Number(p["deblend_cont"]),
      clean: Number(p["clean_param"]),
    },
  );
  const objects = c.expected["sep_objects"] as SepObject[];
  const matched = objects.filter(({ x, y, flux }) =>
    sources.some(
      (s) => Math.hypot(s.x - x, s.y - y) <= 0.1 && Math.abs(s.flux - flux) <= 0.02 * Math.abs(flux),
    ),
  );
  return firstOf(
    compare(
      "background",
      sci.map((v, i) => v - flat[i]!),
      back,
      { rtol: 0, atol: 0.1 * rms },
    ),
    compare("rms", [found.rms], [rms], { rtol: 0.1, atol: 0 }),
    matched.length >= 0.95 * objects.length && sources.length <= 1.05 * objects.length
      ? undefined
      : `${String(matched.length)} of ${String(objects.length)} sources found, among ${String(sources.length)}`,
  );
}

/** Widths and places of the brightest stars against the peer's fits of circular Gaussians. */
function starFits(c: Case): string | undefined {
  const { sci, bad, back } = readField(c);
  const flat = sci.map((value, i) => value - back[i]!);
  const wanted = c.expected["gaussian_fits_brightest5"] as { x: number; y: number; fwhm: number }[];
  return firstOf(
    ...wanted.map(({ x, y, fwhm }) => {
      const fit = fitStar({ nx: NX, ny: NX, sci: flat, bad }, Math.round(x), Math.round(y), 7, 1.5);
      if (!fit) return `no star at ${String(x)}, ${String(y)}`;
      return firstOf(
        compare("star", [fit.x, fit.y], [x, y], { rtol: 0, atol: 0.05 }),
        compare("FWHM", [Math.sqrt(fit.major * fit.minor)], [fwhm], { rtol: 0.02, atol: 0 }),
      );
    }),
  );
}

export const photometryFamilies: Readonly<Record<string, Check>> = {
  detect_photometry: (c) => firstOf(apertures(c), detection(c), starFits(c)),
};
