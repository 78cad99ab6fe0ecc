/** A step's declaration for people; the command line and the manual print the same. */
import { parametersOf, type ParameterInfo } from "../../config/schema-info.js";
import type { AnyStep, MemberDecls, RefDecls } from "../../step/define.js";
import { formatTable } from "./table.js";

/** A step as plain data, with its parameters as JSON Schema would say them. */
export interface StepDescription {
  name: string;
  summary: string;
  input: string;
  output: string;
  locality: string;
  status: string;
  version: number;
  equation: string;
  flags: readonly string[];
  references: { key: string; type: string; required: boolean; doc: string }[];
  members: { role: string; doc: string }[];
  parameters: ({ name: string } & Pick<ParameterInfo, "takes" | "default" | "description" | "choices">)[];
}

export function describeStep(step: AnyStep): StepDescription {
  const { name, summary, input, output, locality, status, version, equation, flags } = step;
  return {
    name,
    summary,
    input: String(input),
    output: String(output),
    locality,
    status,
    version,
    equation,
    flags,
    references: Object.entries(step.refs as RefDecls).map(([key, { type, optional, doc }]) => ({
      key,
      type,
      required: !optional,
      doc,
    })),
    members: Object.entries(step.members as MemberDecls).map(([role, { doc }]) => ({ role, doc })),
    parameters: Object.entries(parametersOf(step.params as { entries: Record<string, unknown> })).map(
      ([parameter, info]) => ({
        name: parameter,
        takes: info.takes,
        default: info.default,
        description: info.description,
        choices: info.choices,
      }),
    ),
  };
}

/** How much a step sees at once, in words. */
export const localityWords: Readonly<Record<string, string>> = {
  pixel: "streams pixel by pixel",
  row: "streams by row",
  frame: "needs the whole frame",
  group: "combines exposures",
  joint: "compares exposures",
};

export const defaultWords = (value: unknown): string =>
  value === undefined
    ? "required"
    : value === null
      ? "None"
      : typeof value === "string"
        ? value
        : JSON.stringify(value);

/** `name  summary  input → output`, then references, parameters, what is written, and the equation. */
export function formatStep(d: StepDescription): string {
  const rows = [
    ...d.references.map(({ type, required, doc }, i) => [
      i === 0 ? "refs" : "",
      type,
      required ? "required" : "optional",
      "",
      doc,
    ]),
    ...d.members.map(({ role, doc }, i) => [i === 0 ? "members" : "", role, "", "", doc]),
    ...d.parameters.map(({ name, takes, default: value, description }, i) => [
      i === 0 ? "params" : "",
      name,
      takes,
      `[${defaultWords(value)}]`,
      description,
    ]),
  ];
  const writes = [
    d.flags.length > 0 ? `DQ: ${d.flags.join(", ")}` : "",
    `header: ${[d.status, ...d.references.map(({ type }) => `R_${type.slice(0, 6)}`)].join(", ")}`,
  ];
  return [
    `${d.name}   ${d.summary}   ${d.input} → ${d.output}, ${localityWords[d.locality]!}`,
    ...(rows.length > 0 ? [formatTable(rows)] : []),
    `  writes   ${writes.filter(Boolean).join("   ")}`,
    ...(d.equation === ""
      ? []
      : d.equation.split("\n").map((line, i) => `  ${i === 0 ? "equation" : "        "} ${line}`)),
  ].join("\n");
}
