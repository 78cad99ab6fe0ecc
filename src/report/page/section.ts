/** The part of a page that is about one product: pictures, measurements, steps, what went in. */
import { basename } from "node:path";
import type { PlannedStep } from "../../engine/plan-types.js";
import type { ProductFacts } from "./facts.js";
import { stepsOf } from "./findings.js";
import { markup, type Html, type Part } from "./markup.js";
import type { Drawn } from "./pictures.js";

export interface Pictures {
  before: Drawn;
  after: Drawn;
}

export const anchorOf = (index: number): string => `p${String(index + 1)}`;

/** Inputs named one by one, the rest counted. */
const MOST_NAMES = 12;

export function productSection(facts: ProductFacts, index: number, { before, after }: Pictures): Html {
  const { name, record, exposure, entry, caveats, quality } = facts;
  const { product, fingerprint } = record;
  const { instrument, detector, filter, object, exptime, dateObs } = exposure;
  const line = [object, instrument, detector, filter, `${String(exptime)} s`, utc(dateObs)];
  const steps = stepsOf(product);
  const idle = steps.filter(({ skip }) => skip !== null);
  const members = Object.entries(product.members).filter(([, files]) => files.length > 0);
  return markup`<section class="product" id="${anchorOf(index)}">
<header><h3>${name}</h3><a class="back" href="#products">↑ all</a></header>
<p class="soft">${line.filter((word) => word !== "").join(" · ")}</p>
<div class="pictures">${figure("before", before)}${figure("after", after)}</div>
${caveats.map(
  ({ code, message }) =>
    markup`<p class="warn"><span class="mark">!</span>${message} <code class="soft">${code}</code></p>`,
)}
${quality.length > 0 && markup`<h4>Measured</h4>`}
${terms(quality.map(({ label, value, from }) => [label, value, from]))}
<h4>Done</h4>
<div class="scroll"><table>${steps.filter(({ skip }) => skip === null).map(stepRow)}</table></div>
${
  idle.length > 0 &&
  markup`<details><summary>${idle.length} not run</summary>
<table>${idle.map(({ name: step, skip }) => row(step, markup`<span class="soft">${skip}</span>`))}</table></details>`
}
<h4>From</h4>
${terms([
  ["science", namesOf(product.inputs.map(({ path }) => path))],
  ...members.map(([role, files]): Term => [role, namesOf(files.map(({ path }) => path))]),
  ["pipeline", product.pipeline],
  ...(entry ? [["made", utc(entry.time)] as const, ["in", `${entry.seconds.toFixed(1)} s`] as const] : []),
  ["identity", fingerprint],
])}
</section>
`;
}

/** ISO 8601 without what nobody reads: `2026-03-05 08:05:52 UTC`. */
export const utc = (time: string): string =>
  time === "" ? "" : `${time.slice(0, 19).replace("T", " ")} UTC`;

type Term = readonly [label: string, value: string, from?: string];

const terms = (list: readonly Term[]): Part =>
  list.length > 0 &&
  markup`<dl>${list.map(
    ([label, value, from]) =>
      markup`<div${from !== undefined && markup` title="${from}"`}><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>`;

const figure = (title: string, { image, caption }: Drawn): Html => {
  const picture = image
    ? markup`<img src="${image.src}" width="${image.width}" height="${image.height}" alt="${title}: ${caption}">`
    : markup`<div class="none">no picture</div>`;
  return markup`<figure>${picture}<figcaption><b>${title}</b> ${caption}</figcaption></figure>`;
};

const row = (name: string, words: Html): Html =>
  markup`<tr><td class="keep">${name}</td><td>${words}</td></tr>\n`;

/** What was set otherwise than by default, with where from, and the calibrations. */
function stepRow({ name, params, refs }: PlannedStep): Html {
  const set = Object.entries(params)
    .filter(([, { origin }]) => origin !== "default")
    .map(
      ([key, { value, origin }]) => markup`<code title="${origin}">${key}=${JSON.stringify(value)}</code> `,
    );
  const used = refs.flatMap(({ path }) => (path === null ? [] : [basename(path)]));
  return row(name, markup`${set}<span class="soft">${used.join(", ")}</span>`);
}

function namesOf(paths: readonly string[]): string {
  const names = paths.slice(0, MOST_NAMES).map((path) => basename(path));
  const more = paths.length - names.length;
  return [...names, ...(more > 0 ? [`${String(more)} more`] : [])].join(", ");
}
