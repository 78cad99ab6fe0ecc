/** Leaves out faint sources that the wings of brighter ones explain. */
import { cellsOf, near } from "./cells.js";
import { select } from "./select.js";
import { measureMerged, type Source } from "./source.js";

/** Side of the squares that sources are looked up by. */
const CELL = 32;

/**
 * The wings are Moffat's profile of the exponent `beta` through the threshold. What is left out adds its flux and its
 * pixels to the brighter source.
 */
export function cleanSources(
  sources: readonly Source[],
  smooth: Float32Array,
  policy: { threshold: number; minarea: number; clean: number },
): Source[] {
  const hidden = hiddenPairs(sources, smooth, policy).sort(
    (p, q) => sources[q.bright]!.cflux - sources[p.bright]!.cflux || p.bright - q.bright,
  );
  if (hidden.length === 0) return [...sources];
  const takenBy = new Map<number, number[]>();
  const gone = new Set<number>();
  for (const { bright, faint } of hidden) {
    // What is a part of a brighter source hides nothing itself.
    if (gone.has(bright) || gone.has(faint)) continue;
    gone.add(faint);
    takenBy.set(bright, [...(takenBy.get(bright) ?? []), faint]);
  }
  return sources.flatMap((source, k) => {
    if (gone.has(k)) return [];
    const taken = (takenBy.get(k) ?? []).sort((p, q) => p - q).map((faint) => sources[faint]!);
    return [measureMerged(source, taken)];
  });
}

/** Pairs of sources of which the wings of the brighter alone would be detected where the fainter is. */
function hiddenPairs(
  sources: readonly Source[],
  smooth: Float32Array,
  { threshold, minarea, clean: beta }: { threshold: number; minarea: number; clean: number },
): { bright: number; faint: number }[] {
  const light = new Float32Array(sources.reduce((most, { npix }) => Math.max(most, npix), 0));
  const cells = cellsOf(sources, CELL);
  const pairs: { bright: number; faint: number }[] = [];
  for (let bright = 0; bright < sources.length; bright++) {
    const s = sources[bright]!;
    const area = Math.PI * s.a * s.b;
    const amplitude = s.cflux / (2 * area);
    if (amplitude <= threshold) continue;
    const alpha = (((amplitude / threshold) ** (1 / beta) - 1) * area) / s.npix;
    // Where the wings are above the threshold: an ellipse of as many pixels as the source has.
    const reach = Math.min(10 * Math.sqrt(s.npix), 1.001 * s.a * Math.sqrt(s.npix / area));
    for (const faint of near(cells, s.x, s.y, reach)) {
      const t = sources[faint]!;
      const u = t.x - s.x;
      const v = t.y - s.y;
      if (faint === bright || t.cflux >= s.cflux || Math.abs(u) > reach || Math.abs(v) > reach) continue;
      const wing = 1 + alpha * (s.cxx * u * u + s.cyy * v * v + s.cxy * u * v);
      const brightness = amplitude * wing ** -beta;
      // Every pixel is above the threshold: few wings need to be compared with more.
      if (wing > 1 && brightness > threshold && brightness > detectableTo(light, t.pixels, smooth, minarea))
        pairs.push({ bright, faint });
    }
  }
  return pairs;
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
