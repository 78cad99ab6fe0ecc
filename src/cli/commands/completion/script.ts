/** Completion scripts from the registered commands; nothing is asked of `iris` while one types. */
import type { KnownNames } from "../../../config/assign.js";
import type { Shell } from "../completion.js";

type Words = ReadonlyMap<string, { commands: readonly string[]; options: readonly string[] }>;

const stepOptions = ["--skip", "--from", "--until"];

/** The cases of a `case "$path" in` for bash and zsh. */
const cases = (words: Words): string =>
  [...words]
    .map(
      ([path, { commands, options }]) =>
        `    "${path}") commands="${commands.join(" ")}"; options="${options.join(" ")}" ;;`,
    )
    .join("\n");

const bash = (words: Words, { steps, pipelines }: KnownNames): string => `# iris completion for bash
_iris() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word commands options i
  local known=" ${[...words.keys()]
    .filter((path) => path !== "")
    .map((path) => path.replaceAll(" ", "/"))
    .join(" ")} "
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ "$known" == *" \${path:+\${path// //}/}$word "* ]] && path="\${path:+$path }$word"
  done
  case "$previous" in
    --pipeline) COMPREPLY=($(compgen -W "${pipelines.join(" ")}" -- "$current")); return ;;
    ${stepOptions.join("|")}) COMPREPLY=($(compgen -W "${steps.join(" ")}" -- "$current")); return ;;
    -s|--set) COMPREPLY=($(compgen -S . -W "${steps.join(" ")}" -- "$current")); compopt -o nospace; return ;;
    --color) COMPREPLY=($(compgen -W "auto always never" -- "$current")); return ;;
  esac
  case "$path" in
${cases(words)}
  esac
  case "$path" in
    "step describe"|"step run") commands="${steps.join(" ")}" ;;
    "pipeline show") commands="${pipelines.join(" ")}" ;;
  esac
  if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$current"))
  else COMPREPLY=($(compgen -W "$commands" -- "$current") $(compgen -f -- "$current")); fi
}
complete -o filenames -F _iris iris
`;

/** zsh runs the bash function through its own compatibility layer. */
const zsh = (words: Words, names: KnownNames): string =>
  `#compdef iris\nautoload -U +X bashcompinit && bashcompinit\n${bash(words, names)}`;

const fish = (words: Words, { steps, pipelines }: KnownNames): string => {
  const lines = ["# iris completion for fish"];
  for (const [path, { commands, options }] of words) {
    const condition =
      path === ""
        ? "__fish_use_subcommand"
        : path
            .split(" ")
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join("; and ");
    for (const command of commands) lines.push(`complete -c iris -n '${condition}' -a ${command}`);
    for (const option of options)
      lines.push(`complete -c iris -n '${condition}' -l ${option.replace(/^--/, "")}`);
  }
  lines.push(`complete -c iris -l pipeline -x -a '${pipelines.join(" ")}'`);
  for (const option of stepOptions)
    lines.push(`complete -c iris -l ${option.slice(2)} -x -a '${steps.join(" ")}'`);
  lines.push(`complete -c iris -s s -l set -x -a '${steps.map((step) => `${step}.`).join(" ")}'`);
  return lines.join("\n");
};

export function completionScript(shell: Shell, words: Words, names: KnownNames): string {
  return { bash, zsh, fish }[shell](words, names);
}
