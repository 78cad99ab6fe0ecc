/** What the maker of a calibration says of it: fit to be used for other exposures, or what speaks against that. */
import type { KeywordValue } from "../data/exposure.js";
import { complete, partial, type Caveat, type Outcome } from "./outcome.js";

/** Code of a caveat that keeps a calibration out of the cache. */
export const UNFIT = "UNFIT";

/** Keyword in which a step says what it found, where nothing speaks against the calibration. */
export const FOUND = "CALWHY";

interface Judgement {
  /** Sentences, one per thing that speaks against it. */
  against: readonly string[];
  /** What was measured, in a few words with numbers. */
  found: string;
  /** What the user should know and that doesn't matter for the verdict. */
  caveats?: readonly Caveat[];
  keywords?: Record<string, KeywordValue>;
}

export function judged<T>(
  product: T,
  { against, found, caveats = [], keywords = {} }: Judgement,
): Outcome<T> {
  const all = [...against.map((message) => ({ code: UNFIT, message })), ...caveats];
  const said = { ...keywords, [FOUND]: found };
  return all.length === 0 ? complete(product, said) : partial(product, all, said);
}
