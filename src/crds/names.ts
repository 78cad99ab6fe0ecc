/** What a name says: mapping, reference or context specification; nothing is looked up. */
import { basename, extname } from "node:path";
import { isMappingName, observatoryOf } from "./mapping.js";

const observatory = "[a-z]{2,9}";
const instrument = "[a-z][a-z0-9]{1,16}";
const filekind = "[a-z][a-z0-9-]{1,32}";
const date = "\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?)?";
const states = "edit|operational|latest|versions|build";

const dateForm = new RegExp(`^${date}$`);
const specForm = new RegExp(`^(${observatory})(?:-(${instrument})(?:-(${filekind}))?)?-(${states}|${date})$`);
/** Standard names, not tied to an end: `obs.pmap`, `obs_instr_0001.imap`, `obs_instr_type_0001.fits`. */
const standardForm = new RegExp(`^${observatory}(?:_${instrument}(?:_${filekind})?)?(?:_\\d{4})?\\.`);
/** Names of the older system: `s7g1700gl_dead.fits`. */
const olderForm = /^[a-z0-9_]{1,52}\.(?:fits|r\d[hd])$/;

export interface ContextSpec {
  readonly observatory: string | null;
  readonly instrument: string | null;
  readonly filekind: string | null;
  /** A state word, or a date. */
  readonly when: string;
}

/** `jwst-operational`, `hst-acs-darkfile-2040-01-29T12:00:00`, `2040-01-29`, `latest`, `build`; null for anything else. */
export function parseContextSpec(text: string): ContextSpec | null {
  if (text === "latest" || text === "build" || dateForm.test(text)) {
    return { observatory: null, instrument: null, filekind: null, when: text };
  }
  const found = specForm.exec(text);
  if (!found) return null;
  const [, observatory, instrument, filekind, when] = found;
  return {
    observatory: observatory!,
    instrument: instrument ?? null,
    filekind: filekind ?? null,
    when: when!,
  };
}

export const isDateSpec = (when: string): boolean => dateForm.test(when);

/** A pmap, or a specification that means one. */
export function isContextSpec(text: string): boolean {
  if (isMappingName(text)) return text.endsWith(".pmap");
  const spec = parseContextSpec(text);
  return spec !== null && spec.instrument === null;
}

/** The extension of a calibration file. */
export const isReferenceName = (name: string): boolean =>
  /^\.(?:fits|asdf|r\d[hd]|yaml|json|text)/.test(extname(name).toLowerCase());

export const isStandardName = (name: string): boolean => standardForm.test(basename(name).toLowerCase());

export interface NameParts {
  readonly observatory: string;
  readonly instrument?: string;
  readonly filekind?: string;
  readonly serial: string;
}

const serialForm = new RegExp(`^(${observatory})(?:_(${instrument})(?:_(${filekind}))?)?_(\\d{4})\\.`);

/** Parts of a name with a serial number: `obs_instr_type_0001.rmap`; null for any other. */
export function standardParts(name: string): NameParts | null {
  const found = serialForm.exec(name);
  if (!found) return null;
  const [, obs, instr, kind, serial] = found;
  return {
    observatory: obs!,
    ...(instr === undefined ? {} : { instrument: instr }),
    ...(kind === undefined ? {} : { filekind: kind }),
    serial: serial!,
  };
}

export const isStandardMappingName = (name: string): boolean =>
  isMappingName(name) && standardForm.test(name);

export const isStandardReferenceName = (name: string): boolean =>
  isReferenceName(basename(name)) && (isStandardName(name) || olderForm.test(basename(name).toLowerCase()));

const fileTypes: readonly [RegExp, string][] = [
  [/\.[pir]map$/, "mapping"],
  [/\.fits$/, "fits"],
  [/\.yaml$/, "yaml"],
  [/\.json$/, "json"],
  [/\.asdf$/, "asdf"],
  [/\.txt$/, "text"],
  [/\.r\d[hd]$/, "geis"],
];

/** How a file of that name is read. */
export const fileTypeOf = (name: string): string =>
  fileTypes.find(([form]) => form.test(name))?.[1] ?? "unknown";

/** The observatory a mapping's name begins with, null for anything else. */
export const observatoryByName = (name: string): string | null =>
  isMappingName(name) ? observatoryOf(basename(name)) : null;
