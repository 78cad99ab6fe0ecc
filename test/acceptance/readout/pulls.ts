/** Bias, width and tails of the pulls (slope − truth) / ERR against the simulated truth, ours beside the peer's. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "./case.js";

export interface Pulls {
  /** Pixels with a slope and an error. */
  n: number;
  median_pull: number;
  /** 1.4826 × the median distance from the median pull. */
  mad_sigma_pull: number;
  /** Share of the pixels further than 5 from the median pull. */
  frac_pull_gt5: number;
  /** Median of |slope − truth| / truth. */
  rms_rel: number;
}

/** The peer's figures by algorithm, from the file beside the families. */
export function readPeerPulls(family: string, name: string): Readonly<Record<string, Pulls>> | null {
  const path = join(family, "..", "peer_accuracy.json");
  if (!existsSync(path)) return null;
  const all = JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, Pulls>>;
  return all[name] ?? null;
}

const median = (values: number[]): number => {
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export function pullsOf(
  slope: ArrayLike<number>,
  err: ArrayLike<number>,
  truth: ArrayLike<number>,
  isKnown: (p: number) => boolean = () => true,
): Pulls {
  const pulls: number[] = [];
  const relative: number[] = [];
  for (let p = 0; p < slope.length; p++) {
    const [s, e, t] = [slope[p]!, err[p]!, Number(truth[p]!)];
    if (!Number.isFinite(s) || !(e > 0) || !Number.isFinite(t) || !isKnown(p)) continue;
    pulls.push((s - t) / e);
    relative.push(Math.abs(s - t) / Math.abs(t));
  }
  const middle = median([...pulls]);
  const distances = pulls.map((pull) => Math.abs(pull - middle));
  return {
    n: pulls.length,
    median_pull: middle,
    mad_sigma_pull: 1.4826 * median([...distances]),
    frac_pull_gt5: distances.filter((distance) => distance > 5).length / pulls.length,
    rms_rel: median(relative),
  };
}

/** Standard error of a median of so many normal deviates. */
const biasError = ({ n, mad_sigma_pull }: Pulls): number => (1.2533 * mad_sigma_pull) / Math.sqrt(n);

/**
 * Where our pulls are worse than a case of so many pixels can tell from the peer's: further from 0, from 1, more of
 * them beyond 5, less precise. The margins are the standard errors of the figures, or `share` of them, and one pixel.
 */
export function worsePulls(ours: Pulls, peer: Pulls, share = 1): string[] {
  const error = share / Math.sqrt(peer.n);
  const off = ({ mad_sigma_pull: width }: Pulls): number => Math.abs(width - 1);
  const tail = Math.max(peer.frac_pull_gt5, 1 / peer.n);
  const worse: [keyof Pulls, number, number][] = [
    ["median_pull", Math.abs(ours.median_pull) - Math.abs(peer.median_pull), share * biasError(peer)],
    ["mad_sigma_pull", off(ours) - off(peer), 1.1664 * peer.mad_sigma_pull * error],
    ["frac_pull_gt5", ours.frac_pull_gt5 - peer.frac_pull_gt5, Math.max(Math.sqrt(tail) * error, 1 / peer.n)],
    ["rms_rel", ours.rms_rel - peer.rms_rel, peer.rms_rel * error],
    ["n", 0.97 * peer.n - ours.n, 0],
  ];
  return worse.flatMap(([key, by, margin]) =>
    by > margin ? [`${key} is ${ours[key]}, the peer's ${peer[key]}`] : [],
  );
}

const format = (pulls: Pulls): string => {
  const { n, median_pull, mad_sigma_pull, frac_pull_gt5, rms_rel } = pulls;
  return (
    `${n} px, bias ${median_pull.toFixed(3)} ± ${biasError(pulls).toFixed(3)}, width ${mad_sigma_pull.toFixed(3)}, ` +
    `beyond 5: ${(100 * frac_pull_gt5).toFixed(2)} %, error ${(100 * rms_rel).toFixed(3)} %`
  );
};

/** Share of the standard errors by which ours may be worse on the pixels that both must fit alike. */
const ALIKE = 0.25;

/**
 * Prints both, and gives what is worse of ours: of all pixels beyond the standard error, and of those that `isDecided`
 * beyond a quarter of it. What isn't decided are pixels whose flags the peer leaves to rounding (READOUT §15.7): a few that it
 * gets wrong by −10 σ lower its median without being any merit.
 */
export function checkPulls(
  { id, peers, expected, inputs }: Case,
  algorithm: "OLS_C" | "LIKELY",
  slope: ArrayLike<number>,
  err: ArrayLike<number>,
  isKnown: (p: number) => boolean = () => true,
  isDecided: (p: number) => boolean = () => true,
): string[] {
  const truth = (expected["TRUTH"] ?? inputs["TRUTH"])?.data as ArrayLike<number> | undefined;
  const peer = peers?.[algorithm];
  if (!truth || !peer) {
    console.log(
      `pulls of ${id} ${algorithm}: not compared, ${truth ? "no figures of the peer" : "no truth"}`,
    );
    return [];
  }
  const ours = pullsOf(slope, err, truth, isKnown);
  console.log(`pulls of ${id} ${algorithm}\n  ours ${format(ours)}\n  peer ${format(peer)}`);
  const worse = worsePulls(ours, peer).map((sentence) => `pulls of ${algorithm}: ${sentence}`);
  const [theirs, noise] = (algorithm === "LIKELY" ? ["L_SLOPE", "L_ERR"] : ["SLOPE", "ERR"]).map(
    (name) => expected[name]?.data as ArrayLike<number> | undefined,
  );
  if (!theirs || !noise) return worse;
  const both = (p: number): boolean =>
    isKnown(p) && isDecided(p) && [slope, err, theirs, noise].every((plane) => Number.isFinite(plane[p]!));
  const [own, other] = [pullsOf(slope, err, truth, both), pullsOf(theirs, noise, truth, both)];
  console.log(`  decided by both:\n  ours ${format(own)}\n  peer ${format(other)}`);
  return [
    ...worse,
    ...worsePulls(own, other, ALIKE).map((said) => `pulls of ${algorithm}, decided by both: ${said}`),
  ];
}
