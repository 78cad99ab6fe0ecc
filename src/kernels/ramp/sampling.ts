/**
 * Linear samplings of a ramp: rate = Σ w_k·s_k / den over the reads that can be used, with Σw = 0.
 *
 * `utr`: least-squares slope; `mcds`: mean of the last n reads minus mean of the first n (Fowler); `cds`: n = 1.
 * A cosmic-ray hit breaks a ramp into pieces: the slope is fitted with an offset of its own for each piece, and the
 * differences are taken within the longest one.
 */
export type Mode = "utr" | "mcds" | "cds";

export interface Sampling {
  mode: Mode;
  /** Reads averaged at each end. */
  nreads: number;
  /** Lets the two ends share reads where a ramp is shorter than 2n, as iris_readout does. */
  overlap: boolean;
}

/** When the groups of a ramp were read. */
export interface Timing {
  /** Mean time of each group [s]. */
  times: Float64Array;
  /** Time between groups [s] when it is the same everywhere, else 0. */
  even: number;
  /** Reads averaged into a group, and the time between them [s]. */
  nframes: number;
  tframe: number;
}

/** Weights of the groups in use and what they give; `den` in units of time. */
export interface Estimator {
  weights: Float64Array;
  den: number;
  /** Σw²/nframes: the rate's variance per variance of one read, times den². */
  read: number;
  /** Σ_k (t_k − t_{k−1})·(Σ_{j≥k} w_j)² over single reads: the rate's photon variance per rate and 1/gain, times den². */
  photon: number;
}

export const makeEstimator = (ngroups: number): Estimator => ({
  weights: new Float64Array(ngroups),
  den: 0,
  read: 0,
  photon: 0,
});

export function makeTiming(times: readonly number[], nframes: number, tframe: number): Timing {
  const n = times.length;
  const step = n > 1 ? (times[n - 1]! - times[0]!) / (n - 1) : 0;
  const even = times.every((time, k) => Math.abs(time - times[0]! - k * step) <= 1e-9 * Math.abs(step));
  return { times: Float64Array.from(times), even: even ? step : 0, nframes, tframe };
}

/** The estimator of a ramp whose groups are all good. */
export function designAll(ngroups: number, sampling: Sampling, timing: Timing): Estimator {
  const full = makeEstimator(ngroups);
  const used = Int32Array.from({ length: ngroups }, (_, k) => k);
  design(full, sampling, timing, used, new Uint8Array(ngroups), ngroups);
  return full;
}

/**
 * The estimator for the `count` groups `used` (ascending). `breaks[j]` ≠ 0 where a new piece begins with `used[j]`.
 * `den` is 0 where nothing can be measured.
 */
export function design(
  into: Estimator,
  { mode, nreads, overlap }: Sampling,
  timing: Timing,
  used: Int32Array,
  breaks: Uint8Array,
  count: number,
): void {
  const { weights } = into;
  weights.fill(0, 0, count);
  if (mode === "utr") {
    for (let from = 0; from < count;) {
      let to = from + 1;
      while (to < count && breaks[to] === 0) to++;
      slopeWeights(weights, timing, used, from, to);
      from = to;
    }
  } else {
    let [from, to] = [0, 0];
    for (let start = 0; start < count;) {
      let end = start + 1;
      while (end < count && breaks[end] === 0) end++;
      if (end - start > to - from) [from, to] = [start, end];
      start = end;
    }
    const most = overlap ? to - from : (to - from) >> 1;
    const n = Math.min(mode === "cds" ? 1 : nreads, most);
    for (let j = 0; j < n; j++) {
      weights[to - 1 - j]! += 1;
      weights[from + j]! -= 1;
    }
  }
  measure(into, timing, used, count);
}

/** 2·(x_k − x̄): integers, and exact, for consecutive groups of an evenly read ramp. */
function slopeWeights(
  weights: Float64Array,
  timing: Timing,
  used: Int32Array,
  from: number,
  to: number,
): void {
  let sum = 0;
  for (let j = from; j < to; j++) sum += timing.even > 0 ? used[j]! : timing.times[used[j]!]!;
  const mean = sum / (to - from);
  for (let j = from; j < to; j++) {
    const x = timing.even > 0 ? used[j]! : timing.times[used[j]!]!;
    weights[j] = 2 * (x - mean);
  }
}

function measure(into: Estimator, timing: Timing, used: Int32Array, count: number): void {
  const { times, even, nframes, tframe } = timing;
  const { weights } = into;
  let den = 0;
  let read = 0;
  let photon = 0;
  let after = 0;
  for (let j = count - 1; j >= 0; j--) {
    const w = weights[j]!;
    const k = used[j]!;
    den += w * (even > 0 ? k : times[k]!);
    read += w * w;
    for (let frame = nframes - 1; frame > 0; frame--) {
      after += w / nframes;
      photon += tframe * after * after;
    }
    after += w / nframes;
    if (j > 0) photon += (times[k]! - times[used[j - 1]!]! - (nframes - 1) * tframe) * after * after;
  }
  into.den = even > 0 ? den * even : den;
  into.read = read / nframes;
  into.photon = photon;
}
