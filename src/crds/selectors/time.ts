/** UseAfter and ClosestTime: the choice by date. */
import { dateSeconds, DateError, formatDate, parseDate } from "../dates.js";
import { compareText } from "../format.js";
import { miss, softMiss, type Branch, type BranchNode, type Conditioned, type Miss } from "./select.js";

/** Dates repeat from lookup to lookup; the memory is emptied before it grows. */
const remembered = new Map<string, { text: string; seconds: number } | DateError>();

function readDate(text: string): { text: string; seconds: number } | DateError {
  const known = remembered.get(text);
  if (known) return known;
  if (remembered.size >= 4096) remembered.clear();
  const result = tryDate(text);
  remembered.set(text, result);
  return result;
}

function tryDate(text: string): { text: string; seconds: number } | DateError {
  try {
    const parts = parseDate(text);
    return { text: formatDate(parts), seconds: dateSeconds(parts) };
  } catch (error) {
    if (error instanceof DateError) return error;
    throw error;
  }
}

/** The header's date, from one keyword or from date and time. */
export function headerDate(kind: string, parkeys: readonly string[], header: Conditioned) {
  for (const key of parkeys) {
    if (header[key] === "UNDEFINED" || header[key] === undefined) {
      return miss("date", `${kind} parameter '${key}' is UNDEFINED.`);
    }
  }
  const text = parkeys.length === 1 ? header[parkeys[0]!]! : parkeys.map((key) => header[key]).join(" ");
  const date = readDate(text);
  if (!(date instanceof DateError)) return date;
  return miss(
    "date",
    `${kind} Invalid date/time format for (${parkeys.join(", ")}) value = '${text}': ${date.message}`,
  );
}

export const isMiss = (value: object): value is Miss => "ok" in value && value.ok === false;

/** The entry with the greatest key ≤ the header's date; keys are compared as text. */
export function makeUseAfter(parkeys: readonly string[], unsorted: readonly Branch[]): BranchNode {
  const branches = [...unsorted].sort((a, b) => compareText(String(a.key), String(b.key)));
  const keys = branches.map((b) => b.key);
  const odd = keys.find((key) => typeof key !== "string");
  return {
    kind: "UseAfter",
    parkeys,
    branches,
    choose(header) {
      const date = headerDate("UseAfter", parkeys, header);
      if (isMiss(date)) return date;
      if (odd !== undefined) return miss("internal", `the UseAfter key ${String(odd)} isn't a text`);
      let low = 0;
      let high = keys.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((keys[middle] as string) <= date.text) low = middle + 1;
        else high = middle;
      }
      if (low === 0) return softMiss(`No selection <= '${date.text}'`);
      return branches[low - 1]!.node.choose(header);
    },
  };
}

/** Smallest distance in seconds, in 32-bit floats; the first key in text order on a tie. */
export function makeClosestTime(parkeys: readonly string[], unsorted: readonly Branch[]): BranchNode {
  const branches = [...unsorted].sort((a, b) => compareText(String(a.key), String(b.key)));
  return {
    kind: "ClosestTime",
    parkeys,
    branches,
    choose(header) {
      const date = headerDate("ClosestTime", parkeys, header);
      if (isMiss(date)) return date;
      let best: Branch | undefined;
      let least = Infinity;
      for (const branch of branches) {
        const at = readDate(String(branch.key));
        if (at instanceof DateError)
          return miss("date", `the ClosestTime key '${String(branch.key)}': ${at.message}`);
        const distance = Math.fround(Math.abs(date.seconds - at.seconds));
        if (distance < least) [best, least] = [branch, distance];
      }
      return best ? best.node.choose(header) : softMiss("no time in ClosestTime");
    },
  };
}
