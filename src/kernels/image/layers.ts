/** Images that lie on one grid, each on its own columns: their median, and its value between the pixels. */
import { middle, sortShort } from "./robust.js";

/** Some rows of an image on the grid. [ny][x1 − x0] */
export interface Layer {
  x0: number;
  x1: number;
  sci: Float32Array;
  weight: Float32Array;
  /** Pixels must weigh more than this to count. */
  least: number;
}

/**
 * Median of the layers over each pixel of `ny` rows, NaN where none counts. Of two values the lower one is taken: a cosmic
 * ray is always the higher.
 */
export function medianOfLayers(out: Float32Array, nx: number, ny: number, layers: readonly Layer[]): void {
  out.fill(NaN);
  const edges = [...new Set(layers.flatMap(({ x0, x1 }) => [x0, x1]))].sort((a, b) => a - b);
  const values = new Float64Array(layers.length);
  for (let e = 1; e < edges.length; e++) {
    const [from, to] = [edges[e - 1]!, edges[e]!];
    const here = layers.filter(({ x0, x1 }) => x0 <= from && x1 >= to);
    if (here.length === 0) continue;
    for (let y = 0; y < ny; y++)
      for (let x = from; x < to; x++) {
        let n = 0;
        for (let k = 0; k < here.length; k++) {
          const layer = here[k]!;
          const i = y * (layer.x1 - layer.x0) + x - layer.x0;
          if (layer.weight[i]! > layer.least) values[n++] = layer.sci[i]!;
        }
        if (n === 0) continue;
        sortShort(values, n);
        out[y * nx + x] = n === 2 ? values[0]! : middle(values, n);
      }
  }
}

/**
 * `out` = factor × the value of the image at (x, y): cubic convolution (Keys 1981, a = −½) over 4 × 4 pixels, linear where
 * one of these is NaN or missing, the nearest where that has a NaN, too. Positions count from row `y0` of the grid.
 */
export function blot(
  out: Float32Array,
  image: { nx: number; ny: number; y0: number; sci: Float32Array },
  x: Float64Array,
  y: Float64Array,
  factor: number,
): void {
  const { nx, ny, y0, sci } = image;
  const wx = new Float64Array(4);
  const wy = new Float64Array(4);
  for (let i = 0; i < out.length; i++) {
    const [u, v] = [x[i]!, y[i]! - y0];
    const [m, n] = [Math.floor(u), Math.floor(v)];
    let value = NaN;
    if (m >= 1 && n >= 1 && m + 2 < nx && n + 2 < ny) {
      keys(wx, u - m);
      keys(wy, v - n);
      value = 0;
      for (let j = 0; j < 4; j++) {
        const at = (n - 1 + j) * nx + m - 1;
        value +=
          wy[j]! *
          (wx[0]! * sci[at]! + wx[1]! * sci[at + 1]! + wx[2]! * sci[at + 2]! + wx[3]! * sci[at + 3]!);
      }
    }
    if (value !== value && m >= 0 && n >= 0 && m + 1 < nx && n + 1 < ny) {
      const at = n * nx + m;
      const [s, t] = [u - m, v - n];
      value =
        (1 - t) * ((1 - s) * sci[at]! + s * sci[at + 1]!) +
        t * ((1 - s) * sci[at + nx]! + s * sci[at + nx + 1]!);
    }
    if (value !== value) {
      const [p, q] = [Math.round(u), Math.round(v)];
      value = p >= 0 && q >= 0 && p < nx && q < ny ? sci[q * nx + p]! : NaN;
    }
    out[i] = factor * value;
  }
}

/** Weights of the four pixels about a place `t` beyond the second. */
function keys(w: Float64Array, t: number): void {
  w[0] = t * (-0.5 + t * (1 - 0.5 * t));
  w[1] = 1 + t * t * (-2.5 + 1.5 * t);
  w[2] = t * (0.5 + t * (2 - 1.5 * t));
  w[3] = t * t * (-0.5 + 0.5 * t);
}
