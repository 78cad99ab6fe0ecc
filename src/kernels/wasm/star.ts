// Least squares of an elliptical Gaussian on a constant level. See ../image/star-fit.ts.

const PARAMETERS: usize = 7;

/**
 * JᵀJ at `a` and Jᵀ·(values − model) at `b` for the parameters at `fit`; returns the squares of what is left. `slope` has room
 * for a derivative by each parameter. The plain twin is `normalEquationsPlain`.
 */
export function starEquations(
  a: usize,
  b: usize,
  slope: usize,
  fit: usize,
  px: usize,
  py: usize,
  values: usize,
  n: i32,
): f64 {
  memory.fill(a, 0, PARAMETERS * PARAMETERS * 8);
  memory.fill(b, 0, PARAMETERS * 8);
  const peak = load<f64>(fit);
  const x = load<f64>(fit, 8);
  const y = load<f64>(fit, 16);
  const level = load<f64>(fit, 24);
  const p = load<f64>(fit, 32);
  const r = load<f64>(fit, 40);
  const s = load<f64>(fit, 48);
  let squares: f64 = 0;
  store<f64>(slope, 1, 24);
  for (let i: usize = 0; i < <usize>n << 3; i += 8) {
    const u = load<f64>(px + i) - x;
    const v = load<f64>(py + i) - y;
    const shape = JSMath.exp(-(p * u * u + r * v * v + s * u * v));
    const light = peak * shape;
    store<f64>(slope, shape);
    store<f64>(slope, light * (2 * p * u + s * v), 8);
    store<f64>(slope, light * (2 * r * v + s * u), 16);
    store<f64>(slope, -light * u * u, 32);
    store<f64>(slope, -light * v * v, 40);
    store<f64>(slope, -light * u * v, 48);
    const left = load<f64>(values + i) - level - light;
    squares += left * left;
    for (let k: usize = 0; k < PARAMETERS << 3; k += 8) {
      const d = load<f64>(slope + k);
      store<f64>(b + k, load<f64>(b + k) + d * left);
      const row = a + k * PARAMETERS;
      for (let j: usize = 0; j <= k; j += 8)
        store<f64>(row + j, load<f64>(row + j) + d * load<f64>(slope + j));
    }
  }
  for (let k: usize = 0; k < PARAMETERS << 3; k += 8)
    for (let j: usize = 0; j < k; j += 8) store<f64>(a + j * PARAMETERS + k, load<f64>(a + k * PARAMETERS + j));
  return squares;
}
