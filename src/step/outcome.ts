/** How a step ended. Failure isn't an outcome: it is a thrown tagged error. */
import type { KeywordValue } from "../data/exposure.js";
import type { ColumnContent } from "../fits/index.js";

/** Something the user should know about the product, with a stable code: shown once, stored in the header. */
export interface Caveat {
  code: string;
  message: string;
}

/** What a step gives beside its product: a file of its own, named after the product. Plain data. */
export type Beside = {
  /** One of the endings that the step declares: "cat.fits" makes NAME_cat.fits. */
  ending: string;
} & ({ table: ColumnContent[]; name: string } | { json: object });

interface Result<T> {
  product: T;
  /** Keywords that the step adds to the product's header; equal for every band of an exposure. */
  keywords: Record<string, KeywordValue>;
  beside?: readonly Beside[];
  /** What it found, for HISTORY: a line each, equal for every band; of members, it stands beside their names. */
  history?: readonly string[];
}

export type Outcome<T> =
  | (Result<T> & { status: "complete" })
  | (Result<T> & { status: "skipped"; reason: string })
  | (Result<T> & { status: "partial"; caveats: Caveat[] });

export const complete = <T>(
  product: T,
  keywords: Record<string, KeywordValue> = {},
  beside: readonly Beside[] = [],
  history: readonly string[] = [],
): Outcome<T> => ({
  status: "complete",
  product,
  keywords,
  beside,
  history,
});

export const skipped = <T>(product: T, reason: string): Outcome<T> => ({
  status: "skipped",
  product,
  reason,
  keywords: {},
});

export const partial = <T>(
  product: T,
  caveats: Caveat[],
  keywords: Record<string, KeywordValue> = {},
  beside: readonly Beside[] = [],
  history: readonly string[] = [],
): Outcome<T> => ({ status: "partial", product, caveats, keywords, beside, history });
