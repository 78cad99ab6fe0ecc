/** DQ_DEF: a reference's own flag bits, translated to ours by name. */
import { readTable, type FitsFile } from "../fits/index.js";
import { DQ, type DqName } from "./dq.js";

/**
 * The translation that a file's DQ_DEF table asks for: null when it has none or agrees with our bits.
 * Names that we don't have are dropped.
 */
export function translateFlags(file: FitsFile): ((flags: Uint32Array) => void) | null {
  const hdu = file.hdu("DQ_DEF");
  if (!hdu) return null;
  const table = readTable(file, hdu);
  const [values, names] = [table.column("VALUE"), table.column("NAME")];
  if (!values || !names) return null;
  const pairs = Array.from({ length: table.rows }, (_, row) => ({
    from: Number(values.at(row)) >>> 0,
    to: DQ[String(names.at(row)).trim() as DqName] as number | undefined,
  })).filter(({ from }) => from !== 0);
  if (pairs.every(({ from, to }) => from === to)) return null;
  return (flags) => {
    for (let i = 0; i < flags.length; i++) {
      const own = flags[i]!;
      if (own === 0) continue;
      let ours = 0;
      for (const { from, to } of pairs) if ((own & from) !== 0 && to !== undefined) ours |= to;
      flags[i] = ours;
    }
  };
}
