/** Estimators of the patterns that most flagged ramps have: cut short, or hit once or twice. */
import { design, makeEstimator, type Estimator, type Sampling, type Timing } from "./sampling.js";

/** Those of one sampling of reads at these times. */
export interface KnownEstimators {
  key: string;
  sampling: Sampling;
  timing: Timing;
  byPattern: Map<number, Estimator>;
  /** For patterns that aren't kept. */
  spare: Estimator;
}

const MOST_BYTES = 8_388_608;

/** Bands of an exposure, and exposures of a night, are sampled alike: those of the last sampling are kept. */
let last: KnownEstimators | null = null;

export function knownEstimators(sampling: Sampling, timing: Timing): KnownEstimators {
  const { mode, nreads, overlap } = sampling;
  const key = JSON.stringify([mode, nreads, overlap, { ...timing, times: [...timing.times] }]);
  if (last?.key !== key)
    last = { key, sampling, timing, byPattern: new Map(), spare: makeEstimator(timing.times.length) };
  return last;
}

/** The groups of a ramp in use, ascending, and the pieces that it is cut into: where the second and third begin, or 0. */
export interface Pattern {
  count: number;
  used: Int32Array;
  breaks: Uint8Array;
  pieces: number;
  second: number;
  third: number;
}

/** The estimator of a pattern, good until the next is asked for. */
export function estimatorOf(known: KnownEstimators, pattern: Pattern): Estimator {
  const { sampling, timing, byPattern, spare } = known;
  const { count, used, breaks, pieces, second, third } = pattern;
  const n = timing.times.length;
  const isUsual = count > 0 && used[count - 1] === count - 1 && pieces <= 3;
  const key = (count * n + second) * n + third;
  const kept = isUsual ? byPattern.get(key) : undefined;
  if (kept) return kept;
  const keeps = isUsual && byPattern.size * 8 * n < MOST_BYTES;
  const estimator = keeps ? makeEstimator(count) : spare;
  design(estimator, sampling, timing, used, breaks, count);
  if (keeps) byPattern.set(key, estimator);
  return estimator;
}
