/** The peers' spelling of options, so that their command lines can be pasted. */

/**
 * `--override_flat=x.fits` → `--ref flat=x.fits` and `--steps.flat_field.skip=true` → `-s flat_field.skip=true`
 * (FRAMEWORK §2); the value may also be the next word. Everything else, and all after `--`, stays.
 */
export function translatePeerOptions(argv: readonly string[]): string[] {
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === "--") return [...words, ...argv.slice(i)];
    const peer = /^--(override_|steps\.)([^=]+)(?:=(.*))?$/s.exec(word);
    if (!peer) {
      words.push(word);
      continue;
    }
    const [, prefix, name, attached] = peer;
    const value = attached ?? argv[++i] ?? "";
    words.push(prefix === "override_" ? "--ref" : "--set", `${name!}=${value}`);
  }
  return words;
}
