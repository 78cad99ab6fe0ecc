/** `iris fits header`: cards as the file has them, all or chosen ones. */
import { canonicalKeyword, formatCard, globTest, type Card } from "../../../fits/index.js";
import type { Cli } from "../../cli.js";
import { eachFile } from "./files.js";

export interface HeaderOptions {
  keyword?: string[];
}

/** "CRVAL*,OBJECT" as a test of keywords. */
function matcher(patterns: readonly string[] | undefined): (keyword: string) => boolean {
  if (!patterns) return () => true;
  const tests = patterns
    .flatMap((list) => list.split(","))
    .map((pattern) => globTest(canonicalKeyword(pattern)));
  return (keyword) => tests.some((test) => test.test(keyword));
}

/** Values that JSON can carry: large integers as text. */
const jsonCard = ({ keyword, value, comment }: Card): object => ({
  keyword,
  ...(value === undefined ? {} : { value: typeof value === "bigint" ? value.toString() : value }),
  ...(comment === undefined ? {} : { comment }),
});

export function runHeader(cli: Cli, files: readonly string[], options: HeaderOptions): void {
  const wanted = matcher(options.keyword);
  const document: { path: string; hdus: { i: number; name: string; cards: object[] }[] }[] = [];
  let found = 0;
  eachFile(cli, files, ({ given, file, hdu: one }) => {
    const hdus = (one ? [one] : file.hdus)
      .map(({ index, name, header }) => ({
        i: index,
        name,
        cards: header.cards.filter((card) => wanted(card.keyword)),
      }))
      .filter(({ cards }) => cards.length > 0 || options.keyword === undefined);
    for (const { cards } of hdus) found += cards.length;
    document.push({ path: given, hdus: hdus.map((hdu) => ({ ...hdu, cards: hdu.cards.map(jsonCard) })) });
    if (cli.json) return;
    for (const { i, name, cards } of hdus) {
      cli.out(`# ${one ? given : `${given}[${i}]`}${name === "" ? "" : ` ${name}`}`);
      for (const card of cards) for (const record of formatCard(card)) cli.out(record.trimEnd());
    }
  });
  if (cli.json) cli.out(JSON.stringify({ v: 1, files: document }, null, 1));
  if (found === 0 && options.keyword && cli.exit === 0) {
    cli.err(`iris: no card matches: ${options.keyword.join(", ")}\nhint: iris fits header ${files[0]!}`);
    cli.setExit(1);
  }
}
