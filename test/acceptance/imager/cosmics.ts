/** Families of the cosmic-ray finder and of the filters it is made of. */
import { join } from "node:path";
import { openFits, readImage } from "../../../src/fits/index.js";
import { heap } from "../../../src/kernels/alloc.js";
import { makeProfile } from "../../../src/kernels/image/convolve.js";
import { lacosmic } from "../../../src/kernels/image/lacosmic.js";
import { separableMedian, squareMedian } from "../../../src/kernels/image/median.js";
import { dilate3, dilate5 } from "../../../src/kernels/image/morphology.js";
import { sharpness } from "../../../src/kernels/image/sharpness.js";
import { compare, firstOf, toleranceOf, type Case, type Numbers } from "./case.js";
import type { Check } from "./spine.js";

interface Plane {
  data: Numbers;
  nx: number;
  ny: number;
}

function plane(c: Case, name: unknown, extension: string): Plane | undefined {
  const file = openFits(join(c.folder, String(name)));
  try {
    const hdu = file.hdu(extension);
    if (!hdu?.image) return undefined;
    const { data, shape } = readImage(file, hdu);
    return { data: data as unknown as Numbers, nx: shape.at(-1)!, ny: shape.at(-2)! };
  } finally {
    file.close();
  }
}

const cosmics: Check = (c) => {
  const p = c.params as Record<string, never>;
  const scale = (of: Plane | undefined, factor: number): Float32Array | null =>
    of ? Float32Array.from(of.data as ArrayLike<number>, (value) => value * factor) : null;
  const image = plane(c, c.inputs["image"], "SCI")!;
  const { nx, ny } = image;
  const gain = Number(p["gain"]);
  const a = scale(image, gain)!;
  const bad = plane(c, c.inputs["image"], "MASK") ?? plane(c, c.inputs["image"], "INMASK");
  const crmask = new Uint8Array(nx * ny);
  lacosmic(
    crmask,
    {
      a,
      variance: scale(plane(c, c.inputs["image"], "VAR"), gain * gain),
      background: scale(plane(c, c.inputs["image"], "BKG"), gain),
      bad: bad ? Uint8Array.from(bad.data as ArrayLike<number>) : null,
      nx,
      ny,
    },
    {
      sigclip: p["sigclip"]!,
      sigfrac: p["sigfrac"]!,
      objlim: p["objlim"]!,
      readnoise: p["readnoise"]!,
      satlevel: p["satlevel"]!,
      niter: p["niter"]!,
      sepmed: p["sepmed"]!,
      cleantype: p["cleantype"]!,
      psf:
        p["fsmode"] === "convolve"
          ? makeProfile(p["psfmodel"]!, p["psffwhm"]!, p["psfsize"]!, p["psfbeta"]!)
          : null,
    },
    heap,
  );
  const expected = plane(c, c.expected["result"], "CRMASK")!.data;
  let different = 0;
  crmask.forEach((hit, i) => (different += hit === expected[i] ? 0 : 1));
  const clean = plane(c, c.expected["result"], "CLEAN")!.data;
  const hitCount = crmask.reduce((sum, hit) => sum + hit, 0);
  return firstOf(
    different <= crmask.length * 1e-4 ? undefined : `CRMASK: ${String(different)} pixels differ`,
    different > 0 || hitCount === c.expected["n_cr"] ? undefined : `n_cr = ${String(hitCount)}`,
    compare(
      "CLEAN",
      a.map((value) => value / gain),
      clean,
      toleranceOf(c, "clean"),
    ),
  );
};

const blocks: Check = (c) => {
  const { data, nx, ny } = plane(c, c.inputs["image"], "SCI")!;
  const a = Float32Array.from(data as ArrayLike<number>);
  const mask = Uint8Array.from(plane(c, c.inputs["image"], "MASK")!.data as ArrayLike<number>);
  const rows = new Float32Array(nx * ny);
  const exact = { rtol: 0, atol: 0 };
  const filtered = <T extends Float32Array | Uint8Array>(name: string, out: T, run: (out: T) => void) => {
    run(out);
    return compare(name, out, plane(c, c.expected["result"], name)!.data, exact);
  };
  const f32 = (): Float32Array => new Float32Array(nx * ny);
  const u8 = (): Uint8Array => new Uint8Array(nx * ny);
  return firstOf(
    ...([3, 5, 7] as const).map((size) =>
      filtered(`MEDFILT${String(size)}`, f32(), (out) => squareMedian(out, a, nx, ny, size)),
    ),
    ...([3, 5, 7, 9] as const).map((taps) =>
      filtered(`SEPMED${String(taps)}`, f32(), (out) => separableMedian(out, a, rows, nx, ny, taps)),
    ),
    filtered("DILATE3", u8(), (out) => dilate3(out, mask, nx, ny)),
    filtered("DILATE5X2", u8(), (out) => {
      const once = u8();
      dilate5(once, mask, nx, ny);
      dilate5(out, once, nx, ny);
    }),
    laplacian(c, a, nx, ny),
  );
};

/** The peer's Laplacian of the image split 2×2, its negative values cut, averaged back: what ours does in one go. */
function laplacian(c: Case, a: Float32Array, nx: number, ny: number): string | undefined {
  const split = plane(c, c.expected["result"], "LAPLACE2X")!.data;
  const expected = Float64Array.from(a, (_, i) => {
    const at = 4 * nx * Math.floor(i / nx) + 2 * (i % nx);
    const quarters = [at, at + 1, at + 2 * nx, at + 2 * nx + 1];
    return quarters.reduce((sum, q) => sum + Math.max(0, split[q]!), 0) / 4;
  });
  const out = new Float32Array(nx * ny);
  // σ = ½: in units of 2σ it is the Laplacian itself
  sharpness(out, a, new Float32Array(nx * ny).fill(0.25), nx, ny);
  return compare("LAPLACE2X", out, expected, { rtol: 1e-6, atol: 1e-4 });
}

export const cosmicFamilies: Readonly<Record<string, Check>> = { lacosmic: cosmics, lacosmic_blocks: blocks };
