/** Words into values: what a command line or a `.cfg` says, read by what the parameter takes. */
import type { ParameterInfo } from "./schema-info.js";

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  yes: true,
  "1": true,
  false: false,
  off: false,
  no: false,
  "0": false,
};

const numberWords = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(inf|Infinity)$|^nan$/i;

function numberOf(word: string): number | undefined {
  if (!numberWords.test(word)) return undefined;
  if (/nan/i.test(word)) return NaN;
  if (/inf/i.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  return Number(word);
}

function choiceOf(word: string, choices: readonly string[]): string | undefined {
  return choices.find((c) => c === word) ?? choices.find((c) => c.toLowerCase() === word.toLowerCase());
}

/**
 * The value that a text stands for; what can't be read stays text, for the schema to refuse. Booleans are
 * true/on/yes/1 and false/off/no/0 in any case; lists are parted by commas; None and nothing are null where
 * null is a legal value (FRAMEWORK §4).
 */
export function readTextValue(given: unknown, info: ParameterInfo): unknown {
  if (Array.isArray(given))
    return info.kind === "list" && info.item
      ? given.map((each: unknown) => readTextValue(each, info.item!))
      : given;
  if (typeof given !== "string") return given;
  const word = given.trim();
  if (info.nullable && (word === "" || word.toLowerCase() === "none" || word === "null")) return null;
  switch (info.kind) {
    case "boolean":
      return booleans[word.toLowerCase()] ?? given;
    case "number":
    case "integer":
      return numberOf(word) ?? given;
    case "choice":
      return choiceOf(word, info.choices) ?? given;
    case "list": {
      const words = word.replace(/^[[(](.*)[\])]$/s, "$1").split(",");
      // stpipe's lists of one element end in a comma: "1.5,".
      if (words.at(-1)!.trim() === "") words.pop();
      return words.map((each) => readTextValue(each.trim(), info.item!));
    }
    case "text":
      return given;
    case "other": {
      for (const alternative of info.alternatives) {
        const value = readTextValue(given, alternative);
        if (typeof value !== "string" || ["text", "choice"].includes(alternative.kind)) return value;
      }
      return given;
    }
  }
}
