/** Words as a POSIX shell reads them back. */

const plain = /^[\w@%+=:,./-]+$/;

/** Quoted only where it must be. */
export const quoteWord = (word: string): string =>
  plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

export const joinWords = (words: readonly string[]): string => words.map(quoteWord).join(" ");
