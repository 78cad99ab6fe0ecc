/** What becomes of several rules with the same weight. */
import { textOf } from "../literal.js";
import { makeClosestTime, makeUseAfter } from "./time.js";
import { miss, type Branch, type BranchNode, type Miss, type Node } from "./select.js";
import { makeVersionAfter } from "./version.js";

const mergers: Partial<Record<Node["kind"], typeof makeUseAfter>> = {
  UseAfter: makeUseAfter,
  ClosestTime: makeClosestTime,
  VersionAfter: makeVersionAfter,
};

/** Merges selectors of one class by key, left to right; anything else is ambiguous. */
export function mergeNodes(nodes: readonly Node[]): Node | Miss {
  const [first] = nodes;
  const kind = first!.kind;
  if (nodes.every((node) => node.kind === "file"))
    return miss("ambiguous", `${nodes.length} rules of one weight match`);
  if (nodes.some((node) => node.kind !== kind)) {
    return miss("ambiguous", "rules of one weight give a file and a selector");
  }
  const merger = mergers[kind];
  if (!merger) {
    return miss(
      "ambiguous",
      `More than one match was found at the same weight and ${kind} does not support merging.`,
    );
  }
  const merged = new Map<string, Branch>();
  for (const node of nodes as readonly BranchNode[]) {
    for (const branch of node.branches) {
      const key = textOf(branch.key);
      const other = merged.get(key);
      merged.set(key, other ? larger(other, branch) : branch);
    }
  }
  return merger(first!.parkeys, [...merged.values()]);
}

/** On equal keys the larger file name wins; selectors below are merged in their turn. */
function larger(a: Branch, b: Branch): Branch {
  const [x, y] = [fileOf(a.node), fileOf(b.node)];
  if (x !== undefined && y !== undefined) return y > x ? b : a;
  const node = mergeNodes([a.node, b.node]);
  if ("choose" in node) return { ...a, node };
  return { ...a, node: { kind: "file", parkeys: [], choose: () => node } };
}

const fileOf = (node: Node): string | undefined =>
  "value" in node ? textOf((node as { value: Parameters<typeof textOf>[0] }).value) : undefined;
