/** Leaves out faint sources that the wings of brighter ones explain. */
import { cellsOf, near } from "./cells.js";
import { select } from "./select.js";
import { measureMerged, type Source } from "./source.js";

/** Side of the squares that sources are looked up by. */
const CELL = 64;

/**
 * The wings are Moffat's profile of the exponent `beta` through the threshold. What is left out adds its flux and its
 * pixels to the brighter source.
 */
export function cleanSources(
  sources: readonly Source[],
  smooth: Float32Array,
  { threshold, minarea, clean: beta }: { threshold: number; minarea: number; clean: number },
): Source[] {
  const light = new Float32Array(sources.reduce((most, { npix }) => Math.max(most, npix), 0));
  const fluxes = Float64Array.from(sources, ({ cflux }) => cflux);
  const order = Uint32Array.from(sources, (_, k) => k).sort((p, q) => fluxes[q]! - fluxes[p]!);
  const cells = cellsOf(sources, CELL);
  const takenBy = new Map<number, number[]>();
  const gone = new Uint8Array(sources.length);
  for (const bright of order) {
    if (gone[bright]) continue;
    const s = sources[bright]!;
    const area = Math.PI * s.a * s.b;
    const amplitude = s.cflux / (2 * area);
    if (amplitude <= threshold) continue;
    const alpha = (((amplitude / threshold) ** (1 / beta) - 1) * area) / s.npix;
    // Where the wings are above the threshold: an ellipse of as many pixels as the source has.
    const reach = Math.min(10 * Math.sqrt(s.npix), 1.001 * s.a * Math.sqrt(s.npix / area));
    for (const faint of near(cells, s.x, s.y, reach)) {
      const t = sources[faint]!;
      if (faint === bright || gone[faint] || t.cflux >= s.cflux) continue;
      const u = t.x - s.x;
      const v = t.y - s.y;
      if (Math.abs(u) > reach || Math.abs(v) > reach) continue;
      const wing = 1 + alpha * (s.cxx * u * u + s.cyy * v * v + s.cxy * u * v);
      const brightness = amplitude * wing ** -beta;
      // Every pixel is above the threshold: few wings need to be compared with more.
      if (!(wing > 1 && brightness > threshold)) continue;
      if (!(brightness > detectableTo(light, t.pixels, smooth, minarea))) continue;
      gone[faint] = 1;
      takenBy.set(bright, [...(takenBy.get(bright) ?? []), faint]);
    }
  }
  return sources.flatMap((source, k) => {
    if (gone[k]) return [];
    const taken = (takenBy.get(k) ?? []).sort((p, q) => p - q).map((faint) => sources[faint]!);
    return [measureMerged(source, taken)];
  });
}

/** Threshold up to which the source has `minarea` pixels; `light` has room for its pixels. */
function detectableTo(
  light: Float32Array,
  pixels: Int32Array,
  smooth: Float32Array,
  minarea: number,
): number {
  const n = pixels.length;
  for (let i = 0; i < n; i++) light[i] = smooth[pixels[i]!]!;
  return select(light, n, n - minarea);
}
