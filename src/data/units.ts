/** Units of pixels under the names that headers give them. */

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(adu|dn|counts?)$/i, "DN"],
  [/^(e-?|electrons?|photo-?electrons?)$/i, "electron"],
];

/** "adu", "ADU", "counts" → "DN", "e-" → "electron"; other units, and those per something, as they are. */
export const unitName = (unit: string): string =>
  NAMES.find(([pattern]) => pattern.test(unit.trim()))?.[1] ?? unit.trim();

/** Electrons, be it per second. */
export const isElectrons = (unit: string): boolean => unitName(unit.split("/")[0]!) === "electron";

/** Equal, or one of them not said; "e-/s" is "electron/s", and "electron s-1" is, too. */
export const sameUnit = (a: string, b: string): boolean =>
  a.trim() === "" || b.trim() === "" || rateName(a) === rateName(b);

/** The names on both sides of a stroke. */
const rateName = (unit: string): string =>
  unit
    .replace(/ s(\^?-1|\*\*-1)$/, "/s")
    .split("/")
    .map(unitName)
    .join("/");
