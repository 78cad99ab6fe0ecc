/** The tables of a page: its products, and the calibrations that they used. */
import type { ProductFacts } from "./facts.js";
import type { Column, UsedCalibration } from "./findings.js";
import { markup, type Html } from "./markup.js";
import { anchorOf, utc } from "./section.js";

const measure = (label: string, unit: string) => (product: ProductFacts) =>
  product.quality
    .find((each) => each.label === label && each.value.endsWith(unit))
    ?.value.replace(new RegExp(` ${unit}$`), "") ?? "";

/** What can be said of each product in a word; the last column counts its warnings. */
export const columns: readonly Column[] = [
  { title: "Object", of: ({ exposure }) => exposure.object },
  { title: "Instrument", of: ({ exposure }) => exposure.instrument },
  { title: "Detector", of: ({ exposure }) => exposure.detector },
  { title: "Filter", of: ({ exposure }) => exposure.filter },
  { title: "Exposure, s", numeric: true, of: ({ exposure }) => String(exposure.exptime) },
  { title: "Pipeline", of: ({ record }) => record.product.pipeline },
  { title: "Context", of: ({ record }) => record.context ?? "none" },
  { title: "Observed", of: ({ exposure }) => utc(exposure.dateObs).replace(" UTC", "") },
  { title: "FWHM, px", numeric: true, of: measure("FWHM", "px") },
  { title: "5σ limit, mag", numeric: true, of: measure("5σ limit", "mag") },
  { title: "Made in, s", numeric: true, of: ({ entry }) => entry?.seconds.toFixed(1) ?? "" },
  {
    title: "",
    numeric: true,
    of: ({ caveats }) => (caveats.length > 0 ? `! ${String(caveats.length)}` : ""),
  },
];

export const productTable = (products: readonly ProductFacts[], shown: readonly Column[]): Html =>
  markup`<div class="scroll"><table>
<thead><tr><th>Product</th>${shown.map(
    ({ title, numeric }) => markup`<th class="${numeric ? "n" : ""}">${title}</th>`,
  )}</tr></thead>
<tbody>${products.map(
    (product, index) => markup`<tr><td><a href="#${anchorOf(index)}">${product.name}</a></td>${shown.map(
      ({ of, numeric, title }) =>
        markup`<td class="${numeric ? "n" : ""}${title === "" ? " warn" : ""}">${of(product)}</td>`,
    )}</tr>
`,
  )}</tbody></table></div>`;

/** Users named one by one; the rest are counted. */
const MOST_LINKS = 8;

/** Links to the products of which something is said. */
export function linksTo(users: readonly number[], products: readonly ProductFacts[]): Html {
  if (users.length === products.length && users.length > 1) return markup`all ${products.length}`;
  const named = users.slice(0, MOST_LINKS);
  const more = users.length - named.length;
  return markup`${named.map(
    (index, k) =>
      markup`${k > 0 && ", "}<a href="#${anchorOf(index)}">${shortName(products[index]!.name)}</a>`,
  )}${more > 0 && ` and ${String(more)} others`}`;
}

/** The end of a name says more than its beginning. */
const shortName = (name: string): string => {
  const stem = name.replace(/\.fits$/, "");
  return stem.length > 24 ? `…${stem.slice(-22)}` : stem;
};

const origins = { crds: "", override: "chosen by hand: ", none: "" } as const;

export function calibrationTable(
  used: readonly UsedCalibration[],
  products: readonly ProductFacts[],
  explain: string | null,
): Html {
  if (used.length === 0) return markup`<p class="soft">No step that ran asks for one.</p>`;
  return markup`<div class="scroll"><table>
<thead><tr><th>Type</th><th>File</th><th>Why</th><th>Step</th><th>For</th></tr></thead>
<tbody>${used.map(
    ({ type, path, name, sha256, from, why, steps, users }) => markup`<tr><td class="keep">${type}</td><td>${
      path === null
        ? markup`<span class="soft">none</span>`
        : markup`<span title="${path}">${name}</span><br><code class="soft">${sha256?.slice(0, 12)}</code>`
    }</td><td>${origins[from]}${why}</td><td>${steps.join(", ")}</td><td>${linksTo(users, products)}</td></tr>
`,
  )}</tbody></table></div>
${
  explain !== null &&
  markup`<p class="next">Every key of a choice, the rules that were turned down, and the dates:</p>
<pre>${explain}</pre>`
}`;
}
