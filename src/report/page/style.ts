/** The look of a page: one column of calm type, light and dark by the reader's wish, and a form for paper. */
export const style = `
:root { color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #20242c; --soft: #69707d; --line: #e4e1db; --accent: #2c5a8c;
  --bar: #7fa3c7; --warn: #a65c00; --warnbar: #d9a05b; --bad: #a3262f; --good: #2f6f4f; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #0f1116; --card: #161920; --ink: #dcdfe6; --soft: #8d95a3; --line: #292e38; --accent: #8fb8e3;
  --bar: #4a739c; --warn: #e0a458; --warnbar: #b07c3c; --bad: #e57b82; --good: #7fc4a0; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0 auto; padding: 3.5rem 1.5rem 6rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
h1 { font-size: 2rem; line-height: 1.2; font-weight: 600; letter-spacing: -0.015em; margin: 0.2rem 0 0.4rem; }
h2 { font-size: 1.2rem; font-weight: 600; margin: 3.2rem 0 0.9rem; }
h3 { font-size: 1.02rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: 0.78rem; font-weight: 600; margin: 1.4rem 0 0.4rem; color: var(--soft); }
p { margin: 0.4rem 0; max-width: 48rem; }
.over, .soft { color: var(--soft); } .over { font-size: 0.85rem; margin: 0; }
code, pre { font: 0.86em/1.6 ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace; overflow-wrap: anywhere; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 0.8rem 1rem; margin: 0.5rem 0;
  white-space: pre-wrap; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px; margin: 2rem 0 0;
  background: var(--line); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.tiles div { background: var(--card); padding: 0.9rem 1.1rem; }
.tiles b { display: block; font-size: 1.5rem; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; }
.tiles span { color: var(--soft); font-size: 0.82rem; }
.warn, .tiles b.warn { color: var(--warn); } .bad, .tiles b.bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; }
th, td { text-align: left; vertical-align: top; padding: 0.38rem 1.1rem 0.38rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 500; color: var(--soft); white-space: nowrap; position: sticky; top: 0; background: var(--paper); }
td.n, th.n { text-align: right; white-space: nowrap; } th:last-child, td:last-child { padding-right: 0; }
td.keep { white-space: nowrap; width: 11rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 0.15rem 2rem; margin: 0.3rem 0;
  font-size: 0.88rem; }
dl div { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--line); padding: 0.25rem 0; }
dt { color: var(--soft); white-space: nowrap; } dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
ul.plain { list-style: none; margin: 0.4rem 0; padding: 0; } ul.plain li { padding: 0.3rem 0; }
.next { margin-top: 1.2rem; } details { margin: 0.6rem 0 0; font-size: 0.88rem; } summary { color: var(--soft); cursor: pointer; }
.mark { display: inline-block; width: 1.3em; font-weight: 600; }
.timeline { width: 100%; display: block; margin: 0.3rem 0; } .timeline rect { fill: var(--bar); rx: 1.5; }
.timeline rect.warned { fill: var(--warnbar); } .timeline a:hover rect { fill: var(--accent); }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: 0.8rem; }
section.product { border-top: 1px solid var(--line); padding: 1.8rem 0 2rem; content-visibility: auto;
  contain-intrinsic-size: auto 44rem; }
section.product header { display: flex; justify-content: space-between; align-items: baseline; gap: 1.5rem; }
.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5rem; margin: 1rem 0 0; }
figure { margin: 0; } figure img { width: 100%; height: auto; display: block; border-radius: 4px; image-rendering: auto; }
figure .none { aspect-ratio: 3 / 1; display: grid; place-items: center; border: 1px dashed var(--line); border-radius: 4px;
  color: var(--soft); }
figcaption { color: var(--soft); font-size: 0.8rem; margin-top: 0.4rem; overflow-wrap: anywhere; }
figcaption b { color: var(--ink); font-weight: 600; }
footer { margin-top: 4rem; color: var(--soft); font-size: 0.82rem; }
@media (max-width: 40rem) { body { padding: 1.5rem 1rem 3rem; } .pictures { grid-template-columns: 1fr; } }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #555; --line: #ccc; --accent: #000; --warn: #7a4300; }
  body { max-width: none; padding: 0; font-size: 8.5pt; } h2 { margin-top: 1.6rem; }
  th { position: static; } a { color: inherit; } .back { display: none; }
  section.product { content-visibility: visible; padding: 0.8rem 0; }
  section.product header, section.product header + p { break-after: avoid; } td { padding-top: 0.15rem; padding-bottom: 0.15rem; }
  tr, figure, pre, dl { break-inside: avoid; }
  h2 { break-after: avoid; } .pictures { grid-template-columns: 6.5cm 6.5cm; }
  * { print-color-adjust: exact; } }
`;
