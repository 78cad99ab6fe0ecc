/** Variable-pixel linear reconstruction (Fruchter & Hook 2002, PASP 114, 144): one exposure onto an output grid. */
import { enterColumn, makeQuad, overlapAt, setQuad, spanOverlap } from "./overlap.js";

export const drizzleKernels = ["square", "point", "turbo", "gaussian", "lanczos2", "lanczos3"] as const;
export type DrizzleKernel = (typeof drizzleKernels)[number];

/** What has been gathered so far; all planes start as zeros. */
export interface Drizzled {
  nx: number;
  ny: number;
  /** Row of the grid that is row 0 here: positions count from the grid's first row. */
  y0: number;
  /** Weighted mean. */
  sci: Float32Array;
  /** Its variance, neighbours taken as independent. */
  variance: Float32Array;
  weight: Float32Array;
  /** Bit k of plane k/32: exposure k contributed; null where that isn't wanted. */
  context: Int32Array | null;
  dq: Uint32Array;
}

export interface DrizzleInput {
  nx: number;
  ny: number;
  sci: Float32Array;
  variance: Float32Array;
  /** 0 leaves a pixel out. */
  weight: Float32Array;
  dq: Uint32Array;
  /** Output position of each pixel's centre, counted from 0; NaN where there is none. */
  x: Float64Array;
  y: Float64Array;
}

export interface DrizzlePolicy {
  kernel: DrizzleKernel;
  /** Side of the drop as a fraction of the input pixel. */
  pixfrac: number;
  /** Factor of the values: 1 for surface brightness, (output/input scale)² to conserve counts. */
  iscale: number;
  /** Output scale / input scale. */
  scaleRatio: number;
  /** Number of this exposure, from 0. */
  index: number;
}

export function drizzle(out: Drizzled, input: DrizzleInput, policy: DrizzlePolicy): void {
  const { kernel } = policy;
  if (kernel === "square") square(out, input, policy);
  else if (kernel === "point") point(out, input, policy);
  else if (kernel === "turbo") turbo(out, input, policy);
  else if (kernel === "gaussian") gaussian(out, input, policy);
  else lanczos(out, input, policy, kernel === "lanczos2" ? 2 : 3);
}

/** S ← (S·W + c·d)/(W + c), VAR ← (VAR·W² + c²·v)/(W + c)², W ← W + c. */
function add(
  out: Drizzled,
  m: number,
  n: number,
  share: number,
  input: DrizzleInput,
  i: number,
  { iscale, index }: DrizzlePolicy,
): void {
  // float32, as the weights are: what rounds to 0 there doesn't spread a flag either.
  const c = Math.fround(share);
  if (c === 0) return;
  const p = (n - out.y0) * out.nx + m;
  const w = out.weight[p]!;
  const total = w + c;
  if (total === 0) return;
  out.sci[p] = (out.sci[p]! * w + c * iscale * input.sci[i]!) / total;
  const v = input.variance[i]! * iscale * iscale;
  out.variance[p] = (out.variance[p]! * w * w + c * c * v) / (total * total);
  out.weight[p] = total;
  if (out.context && c > 0) out.context[(index >> 5) * out.nx * out.ny + p]! |= 1 << (index & 31);
  out.dq[p]! |= input.dq[i]!;
}

const roundHalfUp = (value: number): number => Math.floor(value + 0.5);
const clampLow = (value: number, least = 0): number => Math.max(least, roundHalfUp(value));

/** Less is rounding: it would spread flags to pixels that a drop only touches. */
const LEAST_OVERLAP = 1e-9;

/** Corners by bilinear interpolation of the map, which goes on linearly beyond its edges. */
function square(out: Drizzled, input: DrizzleInput, policy: DrizzlePolicy): void {
  const { nx, ny, weight, x, y } = input;
  const h = policy.pixfrac / 2;
  const px = new Float64Array(4);
  const py = new Float64Array(4);
  const quad = makeQuad();
  // Corners along the lower and the upper edge of a row of pixels: left and right one of each.
  let [lowX, lowY, highX, highY] = [0, 0, 0, 0].map(() => new Float64Array(2 * nx)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let j = 0, i = 0; j < ny; j++) {
    if (j > 0 && h === 0.5) [lowX, highX, lowY, highY] = [highX, lowX, highY, lowY];
    else {
      corners(lowX, x, nx, ny, j - h, h);
      corners(lowY, y, nx, ny, j - h, h);
    }
    corners(highX, x, nx, ny, j + h, h);
    corners(highY, y, nx, ny, j + h, h);
    for (let k = 0; k < nx; k++, i++) {
      const w = weight[i]!;
      if (w === 0) continue;
      px[0] = highX[2 * k]!;
      px[1] = highX[2 * k + 1]!;
      px[2] = lowX[2 * k + 1]!;
      px[3] = lowX[2 * k]!;
      py[0] = highY[2 * k]!;
      py[1] = highY[2 * k + 1]!;
      py[2] = lowY[2 * k + 1]!;
      py[3] = lowY[2 * k]!;
      const jacobian = 0.5 * ((px[1] - px[3]) * (py[0] - py[2]) - (px[0] - px[2]) * (py[1] - py[3]));
      const share = w / Math.abs(jacobian);
      if (share - share !== 0) continue;
      const m1 = Math.min(out.nx - 1, roundHalfUp(Math.max(px[0], px[1], px[2], px[3])));
      const n1 = Math.min(out.y0 + out.ny - 1, roundHalfUp(Math.max(py[0], py[1], py[2], py[3])));
      const n0 = clampLow(Math.min(py[0], py[1], py[2], py[3]), out.y0);
      if (n0 > n1) continue;
      setQuad(quad, px, py);
      for (let m = clampLow(Math.min(px[0], px[1], px[2], px[3])); m <= m1; m++) {
        enterColumn(quad, m - 0.5);
        for (let n = n0; n <= n1; n++) {
          const overlap = overlapAt(quad, n - 0.5);
          if (overlap > LEAST_OVERLAP) add(out, m, n, overlap * share, input, i, policy);
        }
      }
    }
  }
}

/** The map at the places k ± h of row `v`, for every pixel k. */
function corners(line: Float64Array, map: Float64Array, nx: number, ny: number, v: number, h: number): void {
  const j = Math.max(0, Math.min(ny - 2, Math.floor(v)));
  const fy = v - j;
  const row = j * nx;
  const place = (u: number): number => {
    const k = Math.max(0, Math.min(nx - 2, Math.floor(u)));
    const fx = u - k;
    const at = row + k;
    const low = map[at]! * (1 - fx) + map[at + 1]! * fx;
    const high = map[at + nx]! * (1 - fx) + map[at + nx + 1]! * fx;
    return low * (1 - fy) + high * fy;
  };
  line[0] = place(-h);
  for (let k = 0; k < nx; k++) {
    line[2 * k + 1] = place(k + h);
    if (k + 1 < nx) line[2 * k + 2] = h === 0.5 ? line[2 * k + 1]! : place(k + 1 - h);
  }
}

function point(out: Drizzled, input: DrizzleInput, policy: DrizzlePolicy): void {
  const { weight, x, y } = input;
  for (let i = 0; i < weight.length; i++) {
    const m = roundHalfUp(x[i]!);
    const n = roundHalfUp(y[i]!);
    if (m >= 0 && n >= out.y0 && m < out.nx && n < out.y0 + out.ny)
      add(out, m, n, weight[i]!, input, i, policy);
  }
}

/** Drops that stay squares along the output axes. */
function turbo(out: Drizzled, input: DrizzleInput, policy: DrizzlePolicy): void {
  const { weight, x, y } = input;
  const half = policy.pixfrac / policy.scaleRatio / 2;
  const density = 1 / (4 * half * half);
  for (let i = 0; i < weight.length; i++) {
    const w = weight[i]! * density;
    const cx = x[i]!;
    const cy = y[i]!;
    if (w === 0 || cx !== cx) continue;
    const m1 = Math.min(out.nx - 1, roundHalfUp(cx + half));
    const n1 = Math.min(out.y0 + out.ny - 1, roundHalfUp(cy + half));
    for (let n = clampLow(cy - half, out.y0); n <= n1; n++) {
      const dy = spanOverlap(cy - half, cy + half, n);
      for (let m = clampLow(cx - half); m <= m1; m++)
        add(out, m, n, spanOverlap(cx - half, cx + half, m) * dy * w, input, i, policy);
    }
  }
}

const FWHM_OF_SIGMA = 2.3548;

function gaussian(out: Drizzled, input: DrizzleInput, policy: DrizzlePolicy): void {
  const { weight, x, y } = input;
  const { pixfrac, scaleRatio: s } = policy;
  const e = (FWHM_OF_SIGMA * FWHM_OF_SIGMA * s * s) / (2 * pixfrac * pixfrac);
  const reach = Math.max((2.5 * pixfrac) / FWHM_OF_SIGMA / s, 1.2 / s);
  for (let i = 0; i < weight.length; i++) {
    const w = (weight[i]! * e) / Math.PI;
    const cx = x[i]!;
    const cy = y[i]!;
    if (w === 0 || cx !== cx) continue;
    const m1 = Math.min(out.nx - 1, roundHalfUp(cx + reach));
    const n1 = Math.min(out.y0 + out.ny - 1, roundHalfUp(cy + reach));
    for (let n = clampLow(cy - reach, out.y0); n <= n1; n++)
      for (let m = clampLow(cx - reach); m <= m1; m++) {
        const r2 = (m - cx) * (m - cx) + (n - cy) * (n - cy);
        add(out, m, n, w * Math.exp(-e * r2), input, i, policy);
      }
  }
}

/** Step of the table that the peer looks its Lanczos function up in. */
const LANCZOS_STEP = 0.003;

function lanczos(out: Drizzled, input: DrizzleInput, policy: DrizzlePolicy, order: 2 | 3): void {
  const { weight, x, y } = input;
  const s = policy.scaleRatio;
  const table = Float32Array.from({ length: Math.ceil(order / LANCZOS_STEP) + 1 }, (_, k) =>
    lanczosAt(k * LANCZOS_STEP, order),
  );
  const valueAt = (distance: number): number => {
    const t = Math.abs(distance) * s;
    return t <= order ? table[Math.round(t / LANCZOS_STEP)]! : 0;
  };
  const reach = order / s;
  for (let i = 0; i < weight.length; i++) {
    const w = weight[i]!;
    const cx = x[i]!;
    const cy = y[i]!;
    if (w === 0 || cx !== cx) continue;
    const m1 = Math.min(out.nx - 1, roundHalfUp(cx + reach));
    const n1 = Math.min(out.y0 + out.ny - 1, roundHalfUp(cy + reach));
    for (let n = clampLow(cy - reach, out.y0); n <= n1; n++) {
      const ly = valueAt(n - cy) * w;
      for (let m = clampLow(cx - reach); m <= m1; m++) add(out, m, n, valueAt(m - cx) * ly, input, i, policy);
    }
  }
}

function lanczosAt(t: number, order: number): number {
  if (t === 0) return 1;
  const u = Math.PI * t;
  return (Math.sin(u) / u) * (Math.sin(u / order) / (u / order));
}
