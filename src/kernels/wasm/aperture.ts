// Light in a circle, by the exact area of circle and pixel. See ../image/apertures.ts.

/** Half the diagonal of a pixel and a little more. */
const PIXEL_RADIUS: f64 = 0.7072;

/** The plain twin is `apertureSum`; sum, variance, area and bad area go to `out`. `err` and `bad` may be 0: σ is `sigma` then. */
export function sumAperture(
  out: usize,
  sci: usize,
  err: usize,
  sigma: f64,
  bad: usize,
  nx: i32,
  ny: i32,
  x: f64,
  y: f64,
  radius: f64,
): void {
  let sum: f64 = 0;
  let variance: f64 = 0;
  let area: f64 = 0;
  let badArea: f64 = 0;
  const reach = radius + 0.5;
  const x0 = <i32>Math.max(0, Math.ceil(x - reach));
  const x1 = <i32>Math.min(<f64>(nx - 1), Math.floor(x + reach));
  const y0 = <i32>Math.max(0, Math.ceil(y - reach));
  const y1 = <i32>Math.min(<f64>(ny - 1), Math.floor(y + reach));
  for (let j = y0; j <= y1; j++)
    for (let i = x0; i <= x1; i++) {
      const share = inside(<f64>i - x, <f64>j - y, radius);
      if (share <= 0) continue;
      const p = <usize>j * nx + i;
      area += share;
      if (bad && load<u8>(bad + p)) {
        badArea += share;
        continue;
      }
      sum += share * <f64>load<f32>(sci + (p << 2));
      const e = err ? <f64>load<f32>(err + (p << 2)) : sigma;
      variance += share * e * e;
    }
  store<f64>(out, sum);
  store<f64>(out, variance, 8);
  store<f64>(out, area, 16);
  store<f64>(out, badArea, 24);
}

function inside(dx: f64, dy: f64, r: f64): f64 {
  const distance = dx * dx + dy * dy;
  if (distance > (r + PIXEL_RADIUS) * (r + PIXEL_RADIUS)) return 0;
  if (r > PIXEL_RADIUS && distance < (r - PIXEL_RADIUS) * (r - PIXEL_RADIUS)) return 1;
  return mirrored(dx - 0.5, dx + 0.5, dy - 0.5, dy + 0.5, r);
}

function mirrored(x0: f64, x1: f64, y0: f64, y1: f64, r: f64): f64 {
  if (x1 <= 0) return mirrored(-x1, -x0, y0, y1, r);
  if (y1 <= 0) return mirrored(x0, x1, -y1, -y0, r);
  if (x0 < 0) return mirrored(0, -x0, y0, y1, r) + mirrored(0, x1, y0, y1, r);
  if (y0 < 0) return mirrored(x0, x1, 0, -y0, r) + mirrored(x0, x1, 0, y1, r);
  return quadrant(x0, x1, y0, y1, r);
}

function quadrant(x0: f64, x1: f64, y0: f64, y1: f64, r: f64): f64 {
  if (x0 * x0 + y0 * y0 >= r * r) return 0;
  if (x1 * x1 + y1 * y1 <= r * r) return (x1 - x0) * (y1 - y0);
  const a = y1 < r ? Math.min(x1, Math.max(x0, Math.sqrt(r * r - y1 * y1))) : x0;
  const b = Math.min(x1, Math.sqrt(r * r - y0 * y0));
  const arc = b * Math.sqrt(r * r - b * b) - a * Math.sqrt(r * r - a * a);
  const sector = r * r * (JSMath.asin(Math.min(1, b / r)) - JSMath.asin(Math.min(1, a / r)));
  return (a - x0) * (y1 - y0) + (arc + sector) / 2 - (b - a) * y0;
}
