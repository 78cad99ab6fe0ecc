/** Smoothing of a picture's frame: a running mean or a Gaussian, along rows and then columns. */

export interface Smoothing {
  kind: "boxcar" | "gaussian";
  /** Side of the box, or σ, pixels. */
  width: number;
}

/** In place; pixels without a value, and those flagged `bad`, count for nothing and get one from their neighbours. */
export function smooth(
  sci: Float32Array,
  bad: Uint8Array | null,
  nx: number,
  ny: number,
  { kind, width }: Smoothing,
): void {
  const half = kind === "boxcar" ? Math.floor(width / 2) : Math.ceil(3 * width);
  const weights = Float64Array.from({ length: 2 * half + 1 }, (_, k) =>
    kind === "boxcar" ? 1 : Math.exp(-((k - half) ** 2) / (2 * width * width)),
  );
  const weight = new Float32Array(sci.length);
  for (let i = 0; i < sci.length; i++) {
    const good = sci[i]! - sci[i]! === 0 && !(bad !== null && bad[i] !== 0);
    weight[i] = good ? 1 : 0;
    if (!good) sci[i] = 0;
  }
  for (const plane of [sci, weight]) {
    const line = new Float32Array(Math.max(nx, ny));
    for (let y = 0; y < ny; y++) alongLine(plane, y * nx, nx, 1, weights, half, line);
    for (let x = 0; x < nx; x++) alongLine(plane, x, ny, nx, weights, half, line);
  }
  for (let i = 0; i < sci.length; i++) sci[i]! /= weight[i]!;
}

function alongLine(
  plane: Float32Array,
  at: number,
  n: number,
  stride: number,
  weights: Float64Array,
  half: number,
  line: Float32Array,
): void {
  for (let k = 0; k < n; k++) line[k] = plane[at + k * stride]!;
  for (let k = 0; k < n; k++) {
    let sum = 0;
    for (let j = Math.max(0, k - half); j <= Math.min(n - 1, k + half); j++)
      sum += line[j]! * weights[j - k + half]!;
    plane[at + k * stride] = sum;
  }
}
