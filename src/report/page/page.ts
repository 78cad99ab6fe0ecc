/** A run as one HTML page that needs nothing beside itself: no script, no style sheet, no network. */
import { calibrationsOf, splitCommon, warningsOf, type Warning } from "./findings.js";
import type { Failure, ProductFacts, RunFacts } from "./facts.js";
import { markup, trusted, type Html, type Part } from "./markup.js";
import { calibrationTable, columns, linksTo, productTable } from "./overview.js";
import { anchorOf, productSection, utc, type Pictures } from "./section.js";
import { style } from "./style.js";
import { drawSession, sessionsOf, type Session } from "./timeline.js";

/** Stands in every page, so that one of ours is known from one of the user's. */
export const GENERATOR = "iris-report";

export interface PageOptions {
  title?: string | undefined;
  /** Commands that make everything again, in the order of the runs. */
  commands: readonly string[];
  /** Commands that check or repeat what stands here. */
  checks: readonly string[];
  /** Commands that measure the exposures of which no seeing and depth is known. */
  measure: readonly string[];
  /** Command that tells the whole of a choice of the rules; null where they chose nothing. */
  explain: string | null;
  version: string;
  /** UTC, when the page is made. */
  now: string;
  pictures(product: ProductFacts): Pictures;
}

/** @returns the page in pieces: with its pictures it can be larger than one string should be. */
export function* formatPage(facts: RunFacts, options: PageOptions): Generator<string> {
  const { products, failures, gone } = facts;
  const warnings = warningsOf(products);
  const sessions = sessionsOf(products);
  const title = options.title ?? titleOf(products);
  const { common, varying } = splitCommon(products, columns);
  yield markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${GENERATOR} ${options.version}">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<p class="over">Reduction report</p>
<h1>${title}</h1>
<p class="soft">${common
    .filter(({ value }) => value !== title)
    .map(commonWords)
    .join(" · ")}</p>
${tiles(facts, warnings.length, sessions)}
${failureList(failures)}
${warningList(warnings, gone, products)}
<h2 id="products">Products</h2>
${productTable(products, varying)}
${
  options.measure.length > 0 &&
  markup`<p class="next">Seeing and depth of single exposures are measured on request; then this page, made again, has them:</p>
<pre>${options.measure.join("\n")}</pre>`
}
${sessions.length > 0 && markup`<h2>When</h2>`}
${sessions.map((session) => timeline(session, products))}
<h2>Calibrations</h2>
${calibrationTable(calibrationsOf(products), products, options.explain)}
<h2>To repeat</h2>
<p>These make the same products again, in this order; what is up to date stays as it is.</p>
<pre>${options.commands.join("\n")}</pre>
<p>Whether inputs and calibrations are still what they were, and a product made anew beside this one:</p>
<pre>${options.checks.join("\n")}</pre>
<h2>One by one</h2>
`.html;
  for (const [index, product] of products.entries())
    yield productSection(product, index, options.pictures(product)).html;
  yield markup`<footer>Made by iris ${options.version}, ${utc(options.now)}, from the records inside the products and the ledger beside them.</footer>
</body></html>
`.html;
}

/** Facts that need no name. */
const bare = new Set(["Instrument", "Detector", "Filter", "Object"]);

const commonWords = ({ title, value }: { title: string; value: string }): string => {
  const [name, unit] = title.split(", ");
  if (bare.has(title)) return value;
  return unit === undefined ? `${name!.toLowerCase()} ${value}` : `${name!.toLowerCase()} ${value} ${unit}`;
};

const failureList = (failures: readonly Failure[]): Part =>
  failures.length > 0 &&
  markup`<h2>Failed</h2>
<ul class="plain">${failures.map(
    ({ input, message, hint }) =>
      markup`<li><span class="mark bad">✗</span>${message.includes(input) ? message : `${input}: ${message}`}
${hint && markup`<br><span class="mark"></span><span class="soft">hint: ${hint}</span>`}</li>`,
  )}</ul>`;

const warningList = (
  warnings: readonly Warning[],
  gone: readonly string[],
  products: readonly ProductFacts[],
): Part =>
  warnings.length + gone.length > 0 &&
  markup`<h2>Warnings</h2>
<ul class="plain">${warnings.map(
    ({ code, message, users }) =>
      markup`<li><span class="mark warn">!</span>${message} <code class="soft">${code}</code>
<span class="soft">${linksTo(users, products)}</span></li>`,
  )}${gone.map((name) => markup`<li><span class="mark warn">!</span>${name} was made and isn’t there any more</li>`)}</ul>`;

/** What was observed, as far as that is one thing. */
function titleOf(products: readonly ProductFacts[]): string {
  const objects = [...new Set(products.map(({ exposure }) => exposure.object).filter(Boolean))];
  if (objects.length === 0) return "Reduction";
  return objects.length <= 3 ? objects.join(", ") : `${objects.slice(0, 3).join(", ")} and others`;
}

function tiles({ products, failures }: RunFacts, warnings: number, sessions: readonly Session[]): Html {
  const seconds = sessions.reduce((sum, session) => sum + session.seconds, 0);
  const peak = Math.max(0, ...products.map(({ entry }) => entry?.peakMB ?? 0));
  const time = seconds < 100 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
  const tile = (value: string | number, words: string, mark = ""): Html =>
    markup`<div><b class="${mark}">${value}</b><span>${words}</span></div>`;
  return markup`<div class="tiles">
${tile(products.length, products.length === 1 ? "product" : "products")}
${failures.length > 0 && tile(failures.length, "failed", "bad")}
${tile(warnings, warnings === 1 ? "warning" : "warnings", warnings > 0 ? "warn" : "")}
${seconds > 0 && tile(time, "at work")}
${peak > 0 && tile(`${String(peak)} MB`, "of memory at most")}
</div>`;
}

function timeline(session: Session, products: readonly ProductFacts[]): Html {
  const { start, seconds } = session;
  const end = new Date(start.getTime() + 1000 * seconds);
  return markup`${drawSession(
    session,
    (index) => products[index]!.name,
    (index) => `#${anchorOf(index)}`,
  )}<div class="axis"><span>${utc(start.toISOString())}</span><span>${seconds.toFixed(1)} s</span><span>${utc(end.toISOString())}</span></div>`;
}
