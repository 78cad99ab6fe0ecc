import test from "ava";
import { escapeHtml, markup, trusted } from "../../../src/report/page/markup.js";

test("values are text, never markup", (t) => {
  t.is(markup`<p>${"<b>&'\""}</p>`.html, "<p>&lt;b&gt;&amp;&#39;&quot;</p>");
  t.is(markup`<i title="${'" onload="x'}">`.html, '<i title="&quot; onload=&quot;x">');
});

test("markup within markup stays, lists are joined, null and false are nothing", (t) => {
  t.is(markup`${[markup`<i>`, "<", 1]}${null}${false}${undefined}${trusted("<s>")}`.html, "<i>&lt;1<s>");
});

test("characters that HTML doesn't allow are replaced", (t) => {
  t.is(escapeHtml("a\0b\u001bc\td\ne"), "a\ufffdb\ufffdc\td\ne");
});
