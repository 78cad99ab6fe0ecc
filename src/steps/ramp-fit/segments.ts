/** The optional per-segment planes of the weighted fit: what each piece of a ramp says by itself, and its hits. */
import type { Ramp } from "../../data/kinds.js";
import { planeSize } from "../../data/ramp.js";
import type { Alloc } from "../../kernels/alloc.js";
import type { SegmentSink } from "../../kernels/ramp/optimal-pixel.js";
import { rawF32 } from "../../kernels/raw.js";
import type { ExtraPlane } from "../../step/define.js";
import type { FitOptions } from "./options.js";

type Unit = FitOptions["unit"];

/** `segments` of each ramp, [ramp][segment][y][x]; as many hits. */
export function segmentPlanes(segments: number, nints: number, unit: Unit): readonly ExtraPlane[] {
  if (segments === 0) return [];
  const each = [segments, nints];
  const float = (name: string, axes: number[], own: string, comment: string): ExtraPlane => ({
    ...{ name, axes, type: "f32", unit: own, comment },
  });
  const count = (name: string, axes: number[], comment: string): ExtraPlane => ({
    ...{ name, axes, type: "u32", unit: "", comment },
  });
  return [
    count("SEG_COUNT", [nints], "segments of each ramp, kept here or not"),
    count("SEG_START", each, "first group, from 1; 0: none"),
    count("SEG_LENGTH", each, "groups"),
    float("SEG_SLOPE", each, unit, "slope"),
    float("SEG_SIGSLOPE", each, unit, "its error by the weights"),
    float("SEG_VAR_POISSON", each, `(${unit})**2`, "photon variance"),
    float("SEG_VAR_RNOISE", each, `(${unit})**2`, "read-noise variance"),
    float("SEG_WEIGHTS", each, `(${unit})**-2`, "weight in the mean of segments"),
    float("SEG_YINT", each, "DN", "value of the line at the first group"),
    float("SEG_SIGYINT", each, "DN", "its error by the weights"),
    float("SEG_PEDESTAL", [nints], "DN", "signal at the reset"),
    float("SEG_CRMAG", each, "DN", "rise into a group that was hit"),
  ];
}

export interface SegmentPlanes {
  sink: SegmentSink;
  extras: Readonly<Record<string, Float32Array | Uint32Array>>;
}

/**
 * Planes for the segments of `ramp`, empty ones NaN. `gain` [e⁻/DN]; `factors` take slopes from DN/s to the unit of the
 * product; errors come in e⁻, slopes' per `tgroup`.
 */
export function collectSegments(
  ramp: Ramp,
  segments: number,
  gain: Float64Array,
  { factorOf, tgroup }: { factorOf: (p: number) => number; tgroup: number },
  alloc: Alloc,
): SegmentPlanes {
  const n = planeSize(ramp);
  const { nints } = ramp;
  const floats = (planes: number): Float32Array => rawF32(alloc, planes * n).fill(NaN);
  const counts = (planes: number): Uint32Array => alloc.u32(planes * n);
  const each = nints * segments;
  const [count, start, length] = [counts(nints), counts(each), counts(each)];
  const [slope, sigSlope, varP, varR] = [floats(each), floats(each), floats(each), floats(each)];
  const [weight, yInt, sigYInt, crmag] = [floats(each), floats(each), floats(each), floats(each)];
  const pedestal = floats(nints);
  const sink: SegmentSink = {
    segment(p, i, j, fit) {
      count[i * n + p] = j + 1;
      if (j >= segments) return;
      const at = (i * segments + j) * n + p;
      const [g, factor] = [gain[p]!, factorOf(p)];
      start[at] = fit.start + 1;
      length[at] = fit.length;
      slope[at] = fit.slope * factor;
      sigSlope[at] = (fit.sigSlope * factor) / (g * tgroup);
      varP[at] = fit.varP * factor * factor;
      varR[at] = fit.varR * factor * factor;
      weight[at] = fit.weight / (factor * factor);
      yInt[at] = fit.yInt;
      sigYInt[at] = fit.sigYInt / g;
    },
    integration(p, i, begin, jumps) {
      const level = begin.sample - begin.slope * begin.time;
      pedestal[i * n + p] = Number.isNaN(level) ? 0 : level;
      for (let j = 0; j < Math.min(segments, jumps.length); j++)
        crmag[(i * segments + j) * n + p] = jumps[j]!;
    },
  };
  return {
    sink,
    extras: {
      ...{ SEG_COUNT: count, SEG_START: start, SEG_LENGTH: length },
      ...{ SEG_SLOPE: slope, SEG_SIGSLOPE: sigSlope, SEG_VAR_POISSON: varP, SEG_VAR_RNOISE: varR },
      ...{ SEG_WEIGHTS: weight, SEG_YINT: yInt, SEG_SIGYINT: sigYInt },
      ...{ SEG_PEDESTAL: pedestal, SEG_CRMAG: crmag },
    },
  };
}
