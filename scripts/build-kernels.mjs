/** Compiles src/kernels/wasm to WebAssembly SIMD and embeds it, base64, in src/kernels/simd.generated.ts. */
import { readFile, writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "src/kernels/simd.generated.ts");

/** The text of simd.generated.ts; the same bytes on every machine. */
export async function generate() {
  const folder = await mkdtemp(join(tmpdir(), "iris-kernels-"));
  try {
    const { error, stderr } = await asc.main([
      "src/kernels/wasm/index.ts",
      ...["--baseDir", root, "--outFile", join(folder, "kernels.wasm")],
      ...["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd,threads"],
      ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
    ]);
    if (error) throw new Error(`assemblyscript: src/kernels/wasm — ${stderr.toString() || error.message}`);
    const base64 = (await readFile(join(folder, "kernels.wasm"))).toString("base64");
    const lines = base64.match(/.{1,100}/g).map((line) => `  "${line}",`);
    return (
      "/** WebAssembly of src/kernels/wasm; made by `npm run kernels`, never edited. */\n" +
      `export const wasmBase64 = [\n${lines.join("\n")}\n].join("");\n`
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(target, await generate());
}
