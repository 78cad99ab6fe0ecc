import { readFile } from "node:fs/promises";
import test from "ava";

interface Builder {
  generate(): Promise<string>;
}

test("the committed kernels are the bytes that their sources compile to", async (t) => {
  const root = new URL("../../../", import.meta.url);
  const { generate } = (await import(new URL("scripts/build-kernels.mjs", root).href)) as Builder;
  const committed = await readFile(new URL("src/kernels/simd.generated.ts", root), "utf8");
  t.is(await generate(), committed);
});
