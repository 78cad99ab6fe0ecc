/** Ramps whose reads were summed as they came, as a step takes them. */
import type { Ramp } from "../data/kinds.js";
import type { Alloc } from "../kernels/alloc.js";
import { sampledRows, type Stream } from "../kernels/ramp/stream.js";
import { makeTiming } from "../kernels/ramp/sampling.js";
import type { Band } from "./bands.js";
import type { PlannedInput } from "./plan-types.js";

/** Lies in shared memory: every thread sees the same. */
export interface Sums {
  /** RAMP_NO → its sums. */
  ramps: Map<number, Stream>;
  /** Step of the digitised samples [DN], 0 for floats. */
  quantum: number;
}

/** The rows of the exposure as ramp_fit takes them: sampled already. */
export function sampledRamp(
  { ramps, quantum }: Sums,
  { exposure, layout }: PlannedInput,
  size: { nx: number; ny: number },
  { y0, ny }: Band,
  alloc: Alloc,
): Ramp {
  const { nframes, tframe, times } = exposure.readout!;
  const timing = makeTiming(times, nframes, tframe);
  const pixels = size.nx * ny;
  const streams = [...ramps].sort(([a], [b]) => a - b).map(([, stream]) => stream);
  const sampled = alloc.f64(streams.length * pixels);
  streams.forEach((stream, i) => {
    sampledRows(sampled.subarray(i * pixels, (i + 1) * pixels), stream, timing, y0 * size.nx);
  });
  return {
    ...{ nx: size.nx, ny, y0, exposure },
    ...{ nints: layout!.nints, ngroups: layout!.ngroups },
    ...{ raw: null, sci: null, groupdq: null, pixeldq: alloc.u32(pixels), quantum, sampled },
  };
}
