/** Leaves out faint sources that the wings of brighter ones explain. */
import { measureMerged, type Source } from "./source.js";

/**
 * The wings are Moffat's profile of the exponent `beta` through the threshold. What is left out adds its flux and its
 * pixels to the brighter source.
 */
export function cleanSources(
  sources: readonly Source[],
  smooth: Float32Array,
  { threshold, minarea, clean: beta }: { threshold: number; minarea: number; clean: number },
): Source[] {
  const levels = sources.map(({ pixels }) => detectableTo(pixels, smooth, minarea));
  const order = sources.map((_, k) => k).sort((p, q) => sources[q]!.cflux - sources[p]!.cflux);
  const gone = new Map<number, number>();
  for (const bright of order) {
    if (gone.has(bright)) continue;
    const s = sources[bright]!;
    const area = Math.PI * s.a * s.b;
    const amplitude = s.cflux / (2 * area);
    if (amplitude <= threshold) continue;
    const alpha = (((amplitude / threshold) ** (1 / beta) - 1) * area) / s.npix;
    const reach = Math.sqrt(s.npix) * 10;
    for (let faint = 0; faint < sources.length; faint++) {
      const t = sources[faint]!;
      if (faint === bright || gone.has(faint) || t.cflux >= s.cflux) continue;
      const [u, v] = [t.x - s.x, t.y - s.y];
      if (Math.abs(u) > reach || Math.abs(v) > reach) continue;
      const wing = 1 + alpha * (s.cxx * u * u + s.cyy * v * v + s.cxy * u * v);
      if (wing > 1 && amplitude * wing ** -beta > levels[faint]!) gone.set(faint, bright);
    }
  }
  return sources.flatMap((source, k) => {
    if (gone.has(k)) return [];
    const taken = [...gone].filter(([, by]) => by === k).map(([faint]) => sources[faint]!);
    return [measureMerged(source, taken)];
  });
}

/** Threshold up to which the source has `minarea` pixels. */
function detectableTo(pixels: Int32Array, smooth: Float32Array, minarea: number): number {
  const light = Float32Array.from(pixels, (p) => smooth[p]!).sort();
  return light[light.length - minarea] ?? 0;
}
