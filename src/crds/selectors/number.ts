/** GeometricallyNearest and Bracket: the choice by a number. */
import { conditionValue } from "../condition.js";
import { toFloat } from "../element.js";
import { compareText } from "../format.js";
import { textOf } from "../literal.js";
import { miss, softMiss, type Branch, type BranchNode, type Conditioned, type Miss } from "./select.js";

interface Numbered extends Branch {
  readonly x: number;
}

/** Entries in text order of their conditioned keys; a key that isn't a number becomes NaN and is reported on use. */
function numbered(branches: readonly Branch[]): Numbered[] {
  return branches
    .map((branch) => ({ branch, text: conditionValue(textOf(branch.key)) }))
    .sort((a, b) => compareText(a.text, b.text))
    .map(({ branch, text }) => ({ ...branch, x: toFloat(text) ?? NaN }));
}

function headerNumber(kind: string, parkeys: readonly string[], header: Conditioned): number | Miss {
  const value = header[parkeys[0] ?? ""] ?? "UNDEFINED";
  return (
    toFloat(value) ?? miss("version", `${kind} needs a number: ${parkeys[0] ?? "its keyword"} is '${value}'`)
  );
}

/** Smallest |key − x| in 32-bit floats; the first key in text order on a tie. */
export function makeNearest(parkeys: readonly string[], unsorted: readonly Branch[]): BranchNode {
  const branches = numbered(unsorted);
  return {
    kind: "GeometricallyNearest",
    parkeys,
    branches,
    choose(header) {
      const x = headerNumber("GeometricallyNearest", parkeys, header);
      if (typeof x !== "number") return x;
      let best: Numbered | undefined;
      let least = Infinity;
      for (const branch of branches) {
        const distance = Math.fround(Math.abs(Math.fround(branch.x) - Math.fround(x)));
        if (distance < least) [best, least] = [branch, distance];
      }
      return best ? best.node.choose(header) : softMiss("no number in GeometricallyNearest");
    },
  };
}

/** Both entries around x; the same one twice on equality or outside. */
export function makeBracket(parkeys: readonly string[], unsorted: readonly Branch[]): BranchNode {
  const branches = numbered(unsorted).sort((a, b) => a.x - b.x);
  return {
    kind: "Bracket",
    parkeys,
    branches,
    choose(header) {
      const x = headerNumber("Bracket", parkeys, header);
      if (typeof x !== "number") return x;
      if (branches.length === 0) return softMiss("no number in Bracket");
      const above = branches.findIndex((branch) => branch.x >= x);
      const high = above < 0 ? branches.length - 1 : above;
      const low = above <= 0 || branches[above]!.x === x ? high : above - 1;
      const a = branches[low]!.node.choose(header);
      if (!a.ok) return a;
      const b = branches[high]!.node.choose(header);
      return b.ok ? { ok: true, value: a.value, pair: [a.value, b.value] } : b;
    },
  };
}
