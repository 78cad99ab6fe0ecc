/** Words that the help of several crds commands shares. */

export const contextHelp =
  "pmap, imap or rmap, or a form like tmt-operational; else CRDS_CONTEXT, else the cache's own";

/** The examples below a command's help. */
export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
