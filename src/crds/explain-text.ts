/** An explanation as text that fits a terminal. */
import type { BranchLevel, Explanation, KeyLine, Level, MatchLevel } from "./explain.js";

/** How many rules that weren't chosen are worth a line. */
const shownCandidates = 3;

/** Lines of at most `width` characters. */
export function formatExplanation(e: Explanation, width: number): string {
  const [what, way] = heading(e) as [string, string];
  const head = what.length + way.length + 2 <= width ? [`${what}  ${way}`.trimEnd()] : [what, `  ${way}`];
  const lines = [...head, ...e.conditions.map((text) => `  rule ${text}`)];
  for (const level of e.levels) lines.push(...formatLevel(level, width));
  const hint = hintFor(e);
  if (hint) lines.push(`hint   ${hint}`);
  return lines.flatMap((line) => fold(line, width)).join("\n");
}

function heading(e: Explanation): string[] {
  const last = e.via.at(-1)!;
  const way = e.via.length > 1 ? `(via ${e.via.slice(0, -1).join(" → ")})` : "";
  return [`${e.type}   ${outcome(e, last)}`, way];
}

function outcome({ result, levels }: Explanation, last: string): string {
  switch (result.kind) {
    case "file":
      return `${result.name}  from ${last}`;
    case "pair":
      return `${result.names.join(" and ")}  from ${last}`;
    case "value":
      return `${JSON.stringify(result.value)}  from ${last}`;
    case "n/a":
      return `not applicable: ${result.why}`;
    case "omitted":
      return `left out: ${result.why}`;
  }
  const match = levels.find((level) => level.kind === "Match");
  switch (result.class) {
    case "noMatch":
      return `no match in ${last}`;
    case "invalidValue":
      return `no match in ${last}: a value that its rules don't know`;
    case "ambiguous":
      return `ambiguous in ${last}: rules of equal weight in lines ${match?.lines.join(", ") ?? "?"}`;
    default:
      return result.message;
  }
}

const formatLevel = (level: Level, width: number): string[] =>
  level.kind === "Match" ? formatMatch(level, width) : formatBranches(level);

const mark = (weight: number): string => (weight === 1 ? "✓" : weight === 0 ? "·" : "✗");

const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;

function formatMatch(level: MatchLevel, width: number): string[] {
  const title = level.rule === "chosen" ? `rule, line ${level.lines.join(", ")}` : "nearest rule";
  const rows = level.keys.map((line) => [line.key, fileText(line), line.rule === "" ? "''" : line.rule]);
  const widest = (i: number, head: string): number =>
    Math.max(head.length, ...rows.map((row) => row[i]!.length));
  // the key column keeps its end, values share the rest of the line
  const key = Math.min(widest(0, "key"), Math.max(12, Math.floor(width * 0.4)));
  const value = Math.max(8, Math.floor((width - key - 10) / 3));
  const file = Math.min(widest(1, "file"), value);
  const rule = Math.min(widest(2, title), Math.max(value, title.length));
  const lines = [`  ${"key".padEnd(key)}  ${"file".padEnd(file)}  ${title}`];
  for (const [i, line] of level.keys.entries()) {
    const [name, own, theirs] = rows[i] as [string, string, string];
    const start = name.length > key ? `…${name.slice(name.length - key + 1)}` : name.padEnd(key);
    const note = knownText(line);
    lines.push(
      `  ${start}  ${shorten(own, file).padEnd(file)}  ${shorten(theirs, rule).padEnd(rule)}  ${mark(line.weight)}${note}`,
    );
  }
  return [...lines, ...formatCandidates(level)];
}

function fileText({ file, value }: KeyLine): string {
  if (file === null) return "(absent)";
  return file.trim().toUpperCase() === value || file === "" ? file || "''" : `${file.trim()} (${value})`;
}

function knownText({ known }: KeyLine): string {
  if (!known || known.length === 0) return "";
  const some = known.slice(0, 12).join(", ");
  return `   this mapping knows only: ${some}${known.length > 12 ? ` and ${known.length - 12} more` : ""}`;
}

function formatCandidates(level: MatchLevel): string[] {
  const others = level.candidates.filter(
    (c) => c.verdict !== "chosen" && !(level.rule !== "chosen" && level.lines.includes(c.line)),
  );
  if (others.length === 0) return [];
  const lines = others.slice(0, shownCandidates).map((c) => `  not line ${c.line}: ${c.why}`);
  const rest = others.length - shownCandidates;
  if (rest > 0)
    lines.push(
      `  and ${rest} more ${rest === 1 ? "rule" : "rules"} that ${rest === 1 ? "fits" : "fit"} less`,
    );
  return lines;
}

const kinds: Record<BranchLevel["kind"], string> = {
  UseAfter: "use after",
  ClosestTime: "closest in time",
  VersionAfter: "from version",
  SelectVersion: "version",
  GeometricallyNearest: "nearest number",
  Bracket: "between",
};

function formatBranches(level: BranchLevel): string[] {
  const { kind, chosen, after, before, days, problem } = level;
  const name = level.keys.join(" ");
  if (chosen === null) {
    const earliest = kind === "UseAfter" && after !== null && days !== null;
    const why = earliest
      ? `the earliest entry is ${after}, ${-days} days later`
      : (problem ?? "between two entries");
    return [`  ${name}  ${level.value}  ${problem === null ? "✓" : "✗"}  ${why}`];
  }
  const distance = days === null ? "" : `, ${Math.abs(days)} days ${days >= 0 ? "before" : "after"} the file`;
  const neighbour = after === null ? (before === null ? "" : `; before it ${before}`) : `; next ${after}`;
  return [`  ${name}  ${level.value}  ✓  ${kinds[kind]} ${chosen}${distance}${neighbour}`];
}

function hintFor(e: Explanation): string | null {
  if (e.result.kind !== "notFound") return null;
  if (e.result.class === "unknownType")
    return `iris crds list --references --contexts ${e.via[0]} shows what there is`;
  return `use one by hand with --ref ${e.type}=FILE, or go on without: --allow-missing ${e.type}`;
}

/** Breaks a line at blanks; what follows is indented by four more than the line was. */
function fold(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const indent = " ".repeat(/^ */.exec(line)![0].length + 4);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(" ", width);
    const at = blank > indent.length ? blank : width;
    lines.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}
