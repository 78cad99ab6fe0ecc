/** What a name says: mapping, context specification, reference; nothing is looked up. */

const stateWords = "edit|operational|latest|versions|build";
const dateForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?)?$/;
const specForm = new RegExp(
  `^([a-z]{1,8})(?:-([a-z0-9]+))?(?:-([a-z0-9]+))?-(${stateWords}|\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?)?)$`,
  "i",
);

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
    observatory: observatory!.toLowerCase(),
    instrument: instrument ?? null,
    filekind: filekind ?? null,
    when: when!,
  };
}

export const isDateSpec = (when: string): boolean => dateForm.test(when);

const validMapping = /^[a-z]{1,8}(?:_[a-z0-9]{1,32}(?:_[a-z0-9-]{1,48})?)?_\d{4}\.(?:pmap|imap|rmap)$/;

/** The usual shape of mapping names: `obs_0001.pmap`, `obs_instr_0001.imap`, `obs_instr_type_0001.rmap`. */
export const isCanonicalMappingName = (name: string): boolean => validMapping.test(name);
