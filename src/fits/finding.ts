/** What verification finds, and who takes it. */

export interface Finding {
  severity: "error" | "warning";
  /** null: the file as a whole. */
  hdu: number | null;
  /** Record number in the header, from 1. */
  card: number | null;
  keyword: string | null;
  message: string;
}

/** Takes what was found in one HDU. */
export type Report = (
  severity: Finding["severity"],
  message: string,
  card?: number | null,
  keyword?: string | null,
) => void;
