/** Pixel ↔ sky for zenithal projections (Calabretta & Greisen 2002). Pixels count from 0, angles in degrees. */
import { StepError } from "../errors.js";
import type { SipTerms, Wcs } from "./keywords.js";

const DEG = Math.PI / 180;

/** Right ascension [0, 360) and declination of a pixel. */
export function pixelToSky(wcs: Wcs, x: number, y: number): [number, number] {
  const u0 = x - (wcs.crpix[0] - 1);
  const v0 = y - (wcs.crpix[1] - 1);
  const u = wcs.sip ? u0 + polynomial(wcs.sip.a, u0, v0) : u0;
  const v = wcs.sip ? v0 + polynomial(wcs.sip.b, u0, v0) : v0;
  const xi = (wcs.cd[0] * u + wcs.cd[1] * v) * DEG;
  const eta = (wcs.cd[2] * u + wcs.cd[3] * v) * DEG;
  const r = Math.hypot(xi, eta);
  // cos θ, sin θ of the native latitude straight from the radius: exact at the pole, where atan(1/R) isn't.
  const scale = Math.hypot(1, r);
  const cos = wcs.projection === "TAN" ? r / scale : r;
  const sin = wcs.projection === "TAN" ? 1 / scale : Math.sqrt(1 - r * r);
  const phi = Math.atan2(xi, -eta) - wcs.lonpole * DEG;
  const l = cos * Math.cos(phi);
  const m = cos * Math.sin(phi);
  const [cosD, sinD] = [Math.cos(wcs.crval[1] * DEG), Math.sin(wcs.crval[1] * DEG)];
  const ra = wcs.crval[0] + Math.atan2(-m, sin * cosD - l * sinD) / DEG;
  const dec = Math.asin(Math.min(1, Math.max(-1, sin * sinD + l * cosD))) / DEG;
  return [((ra % 360) + 360) % 360, dec];
}

/** Pixel of a sky position; NaN for a position behind the projection. SIP is inverted by iteration to 1e-10 px. */
export function skyToPixel(wcs: Wcs, ra: number, dec: number): [number, number] {
  const da = (ra - wcs.crval[0]) * DEG;
  const [cosD, sinD] = [Math.cos(dec * DEG), Math.sin(dec * DEG)];
  const [cos0, sin0] = [Math.cos(wcs.crval[1] * DEG), Math.sin(wcs.crval[1] * DEG)];
  const n = sinD * sin0 + cosD * cos0 * Math.cos(da);
  const l = sinD * cos0 - cosD * sin0 * Math.cos(da);
  const m = -cosD * Math.sin(da);
  if (n <= 0) return [NaN, NaN];
  const phi = Math.atan2(m, l) + wcs.lonpole * DEG;
  const r = wcs.projection === "TAN" ? Math.hypot(l, m) / n : Math.hypot(l, m);
  const xi = (r * Math.sin(phi)) / DEG;
  const eta = (-r * Math.cos(phi)) / DEG;
  const [a, b, c, d] = wcs.cd;
  const determinant = a * d - b * c;
  const u = (d * xi - b * eta) / determinant;
  const v = (a * eta - c * xi) / determinant;
  const [u0, v0] = wcs.sip ? undistort(wcs.sip, u, v) : [u, v];
  return [u0 + wcs.crpix[0] - 1, v0 + wcs.crpix[1] - 1];
}

/** Fixed-point iteration; distortions of a real camera contract within a few steps. */
function undistort({ a, b }: { a: SipTerms; b: SipTerms }, u: number, v: number): [number, number] {
  let [x, y] = [u, v];
  for (let pass = 0; pass < 100; pass++) {
    const [nextX, nextY] = [u - polynomial(a, x, y), v - polynomial(b, x, y)];
    const moved = Math.hypot(nextX - x, nextY - y);
    [x, y] = [nextX, nextY];
    if (moved < 1e-10) return [x, y];
  }
  throw new StepError("sky to pixel failed: on the SIP distortion — the iteration doesn't converge", {
    hint: "check the SIP keywords A_i_j, B_i_j: iris fits header FILE",
  });
}

function polynomial(terms: SipTerms, u: number, v: number): number {
  let sum = 0;
  for (const { i, j, value } of terms) sum += value * u ** i * v ** j;
  return sum;
}
