/** Everything that a run has to say, in order; reporters draw these and nothing else. */
import type { Caveat } from "../step/outcome.js";
import type { Verdict } from "./verdict.js";
import type { Reason } from "./plan-types.js";

export type Event =
  | { v: 1; type: "start"; products: number; upToDate: number; jobs: number; context: string | null }
  | { v: 1; type: "reason"; input: string; output: string; reasons: Reason[]; detail: string }
  | { v: 1; type: "progress"; input: string; output: string; step: string; done: number; total: number }
  | {
      v: 1;
      type: "product";
      input: string;
      path: string;
      quicklook: string | null;
      seconds: number;
      /** Of a calibration: whether it is fit for the cache. */
      verdict?: Verdict;
    }
  | { v: 1; type: "fresh"; input: string; path: string }
  /** A round that wasn't needed: another product stands for it. */
  | { v: 1; type: "spared"; input: string; path: string; instead: string }
  | { v: 1; type: "passed"; input: string; why: string }
  | ({ v: 1; type: "caveat"; input: string; output: string } & Caveat)
  | {
      v: 1;
      type: "failure";
      input: string;
      code: string;
      message: string;
      cause: string | null;
      hint: string | null;
      exit: number;
    }
  | {
      v: 1;
      type: "summary";
      made: number;
      fresh: number;
      failed: number;
      caveats: number;
      seconds: number;
      interrupted: boolean;
    };
