/** A curve or a histogram with its axes, drawn into a part of a picture. */
import { drawLine, drawText, fillRect, textSize, type Canvas, type Color } from "./canvas.js";

export interface Plot {
  title: string;
  /** What runs along the axis below. */
  xLabel: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Filled down to zero, on a logarithmic axis. */
  bars?: boolean;
  color: Color;
}

export const PLOT_HEIGHT = 240;

const GROUND: Color = [16, 18, 26];
const GRID: Color = [44, 48, 60];
const LETTERS: Color = [205, 208, 216];
const MARGIN = { left: 118, right: 24, top: 34, bottom: 50 };

export function drawPlot(canvas: Canvas, top: number, plot: Plot): void {
  const { x, y, color, bars = false } = plot;
  const [width, height] = [canvas.width, PLOT_HEIGHT];
  fillRect(canvas, [0, top, width, height], GROUND);
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const [upper, lower] = [top + MARGIN.top, top + height - MARGIN.bottom];
  const value = (k: number): number => (bars ? Math.log10(Math.max(0.5, y[k]!)) : y[k]!);
  const [x0, x1] = rangeOf(x.length, (k) => x[k]!);
  const [low, high] = padded(rangeOf(y.length, value), bars);
  const px = (v: number): number => left + ((v - x0) / (x1 - x0)) * (right - left);
  const py = (v: number): number => lower - ((v - low) / (high - low)) * (lower - upper);
  for (const tick of bars ? decades(low, high) : ticksOf(low, high, 4)) {
    drawLine(canvas, [left, py(tick)], [right, py(tick)], GRID, 1);
    const text = bars ? numberText(10 ** tick) : numberText(tick);
    drawText(canvas, left - 10 - textSize(text)[0], py(tick) - 7, text, LETTERS);
  }
  for (const tick of ticksOf(x0, x1, Math.max(2, Math.floor((right - left) / 110)))) {
    drawLine(canvas, [px(tick), upper], [px(tick), lower], GRID, 1);
    const text = numberText(tick);
    const at = px(tick) - textSize(text)[0] / 2;
    drawText(canvas, Math.min(at, width - textSize(text)[0] - 4), lower + 8, text, LETTERS);
  }
  drawText(canvas, left, top + 10, plot.title, color);
  drawText(canvas, (left + right - textSize(plot.xLabel)[0]) / 2, lower + 28, plot.xLabel, LETTERS);
  if (bars) drawBars(canvas, plot, value, px, py, lower);
  else drawCurve(canvas, plot, px, py);
}

function drawBars(
  canvas: Canvas,
  { x, y, color }: Plot,
  value: (k: number) => number,
  px: (v: number) => number,
  py: (v: number) => number,
  lower: number,
): void {
  const width = Math.max(1, px(x[1] ?? 1) - px(x[0] ?? 0));
  for (let k = 0; k < x.length; k++)
    if (y[k]! > 0)
      fillRect(canvas, [px(x[k]!) - width / 2, py(value(k)), width, lower - py(value(k))], color, 0.85);
}

/** Where many points share a column of the picture: from the lowest to the highest of them. */
function drawCurve(
  canvas: Canvas,
  { x, y, color }: Plot,
  px: (v: number) => number,
  py: (v: number) => number,
): void {
  let last: [number, number] | null = null;
  for (let k = 0; k < x.length;) {
    const column = Math.round(px(x[k]!));
    let [low, high, sum, n] = [Infinity, -Infinity, 0, 0];
    for (; k < x.length && Math.round(px(x[k]!)) === column; k++) {
      const v = y[k]!;
      if (!Number.isFinite(v)) continue;
      low = Math.min(low, v);
      high = Math.max(high, v);
      sum += v;
      n++;
    }
    if (n === 0) {
      last = null;
      continue;
    }
    const here: [number, number] = [column, py(sum / n)];
    if (n > 1) drawLine(canvas, [column, py(low)], [column, py(high)], color, 1);
    if (last) drawLine(canvas, last, here, color, 1.6);
    last = here;
  }
}

function rangeOf(n: number, of: (k: number) => number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < n; k++) {
    const v = of(k);
    if (!Number.isFinite(v)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function padded([low, high]: [number, number], bars: boolean): [number, number] {
  const room = 0.06 * (high - low);
  return bars ? [-0.3, Math.max(1, high + room)] : [low - room, high + room];
}

/** Round numbers in a range, about `wanted` of them: 1, 2 or 5 times a power of ten apart. */
export function ticksOf(low: number, high: number, wanted: number): number[] {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(k * step);
  return ticks;
}

function decades(low: number, high: number): number[] {
  const step = Math.max(1, Math.ceil((high - low) / 5));
  const found: number[] = [];
  for (let k = 0; k <= high; k += step) if (k >= low) found.push(k);
  return found;
}

/** Short, at most eight letters: 123.45, 1e6, 1.25e-5. */
export function numberText(value: number): string {
  const text = String(Number(value.toPrecision(6)));
  if (text.length <= 6) return text;
  const [digits, power] = value.toExponential(2).split("e") as [string, string];
  return `${String(Number(digits))}e${String(Number(power))}`;
}
