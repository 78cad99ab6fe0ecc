/** What is measured of a source: position, shape, flux, from its pixels above the threshold. */

export interface Source {
  /** Barycentre of the smoothed light, pixels from 0. */
  x: number;
  y: number;
  /** Semi-axes in pixels (rms along them) and angle of the larger one from x, radians. */
  a: number;
  b: number;
  theta: number;
  npix: number;
  /** Pixels whose own value is above the threshold. */
  tnpix: number;
  /** Sum of the image and of the smoothed image over the pixels. */
  flux: number;
  cflux: number;
  peak: number;
  cpeak: number;
  /** MERGED and TRUNCATED bits. */
  flags: number;
  xmin: number;
  xmax: number;
  ymin: number;
  ymax: number;
  /** Ellipse: cxx·Δx² + cyy·Δy² + cxy·ΔxΔy = 1 at the rms. */
  cxx: number;
  cyy: number;
  cxy: number;
  pixels: Int32Array;
}

export const MERGED = 1;
export const TRUNCATED = 2;

/** Variance of a pixel's own width, added where a source is thinner. */
const THIN = 1 / 12;

export function measure(
  pixels: Int32Array,
  { nx, ny, sci }: { nx: number; ny: number; sci: Float32Array },
  smooth: Float32Array,
  threshold: number,
  merged: boolean,
): Source {
  const x0 = pixels[0]! % nx;
  const y0 = Math.floor(pixels[0]! / nx);
  let [xmin, xmax, ymax] = [x0, x0, y0];
  // Pixels come in row order.
  const ymin = y0;
  let [flux, cflux, peak, cpeak, tnpix] = [0, 0, -Infinity, -Infinity, 0];
  let [mx, my, mxx, myy, mxy] = [0, 0, 0, 0, 0];
  for (let k = 0; k < pixels.length; k++) {
    const p = pixels[k]!;
    const y = Math.floor(p / nx);
    const x = p - y * nx;
    const value = sci[p]!;
    const light = smooth[p]!;
    if (value > threshold) tnpix++;
    if (value > peak) peak = value;
    if (light > cpeak) cpeak = light;
    flux += value;
    cflux += light;
    const u = x - x0;
    const v = y - y0;
    mx += light * u;
    my += light * v;
    mxx += light * u * u;
    myy += light * v * v;
    mxy += light * u * v;
    if (x < xmin) xmin = x;
    if (x > xmax) xmax = x;
    if (y > ymax) ymax = y;
  }
  mx /= cflux;
  my /= cflux;
  let xx = mxx / cflux - mx * mx;
  let yy = myy / cflux - my * my;
  const xy = mxy / cflux - mx * my;
  if (xx * yy - xy * xy < THIN * THIN) [xx, yy] = [xx + THIN, yy + THIN];
  const determinant = xx * yy - xy * xy;
  const middle = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  const edge = xmin === 0 || ymin === 0 || xmax === nx - 1 || ymax === ny - 1;
  return {
    x: mx + x0,
    y: my + y0,
    a: Math.sqrt(middle + spread),
    b: Math.sqrt(Math.max(0, middle - spread)),
    theta: Math.atan2(2 * xy, xx - yy) / 2,
    npix: pixels.length,
    tnpix,
    flux,
    cflux,
    peak,
    cpeak,
    flags: (merged ? MERGED : 0) | (edge ? TRUNCATED : 0),
    xmin,
    xmax,
    ymin,
    ymax,
    cxx: yy / determinant,
    cyy: xx / determinant,
    cxy: (-2 * xy) / determinant,
    pixels,
  };
}

/** A source with the pixels and the flux of others; its position and shape stay. */
export function measureMerged(source: Source, others: readonly Source[]): Source {
  if (others.length === 0) return source;
  const all = [source, ...others];
  const sum = (of: (s: Source) => number): number => all.reduce((total, s) => total + of(s), 0);
  return {
    ...source,
    npix: sum(({ npix }) => npix),
    tnpix: sum(({ tnpix }) => tnpix),
    flux: sum(({ flux }) => flux),
    cflux: sum(({ cflux }) => cflux),
    flags: source.flags | MERGED,
    xmin: Math.min(...all.map(({ xmin }) => xmin)),
    xmax: Math.max(...all.map(({ xmax }) => xmax)),
    ymin: Math.min(...all.map(({ ymin }) => ymin)),
    ymax: Math.max(...all.map(({ ymax }) => ymax)),
    pixels: Int32Array.from(all.flatMap(({ pixels }) => [...pixels])).sort(),
  };
}
