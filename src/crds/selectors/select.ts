/** What every selector of an rmap is: a node that answers for one header. */
import type { Literal, SelectorName } from "../literal.js";

/** Conditioned values by upper-case keyword. */
export type Conditioned = Readonly<Record<string, string>>;

export type MissClass = "noMatch" | "invalidValue" | "date" | "ambiguous" | "version" | "internal";

export interface Hit {
  readonly ok: true;
  /** A file name, or a tuple or dictionary handed through. */
  readonly value: Literal;
  /** Set by Bracket: entries below and above. */
  readonly pair?: readonly [Literal, Literal];
}

export interface Miss {
  readonly ok: false;
  readonly class: MissClass;
  readonly message: string;
  /** A Match above may go on with its next weight. */
  readonly soft: boolean;
}

export type Answer = Hit | Miss;

export interface Node {
  readonly kind: SelectorName | "file";
  /** Keywords this level asks for. */
  readonly parkeys: readonly string[];
  choose(header: Conditioned): Answer;
}

export interface FileNode extends Node {
  readonly kind: "file";
  readonly value: Literal;
}

/** An entry of any selector but Match: the key as it stands in the rules. */
export interface Branch {
  readonly key: Literal;
  readonly line: number;
  readonly node: Node;
}

export interface BranchNode extends Node {
  readonly branches: readonly Branch[];
}

export const miss = (kind: MissClass, message: string): Miss => ({
  ok: false,
  class: kind,
  message,
  soft: false,
});

export const softMiss = (message: string): Miss => ({ ok: false, class: "noMatch", message, soft: true });

export const noMatch: Miss = softMiss("No match found.");

export function makeFile(value: Literal): FileNode {
  const answer: Hit = { ok: true, value };
  return { kind: "file", parkeys: [], value, choose: () => answer };
}
