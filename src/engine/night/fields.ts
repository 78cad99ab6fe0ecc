/** Images that become one product: of one target, and alike in what the rule wants. */
import type { Exposure } from "../../data/exposure.js";
import type { JointRule } from "../../instruments/define.js";
import { factOf } from "./match.js";
import { firstFile, type NightFile, type NightJob } from "./types.js";

export interface Field {
  rule: JointRule;
  files: readonly NightFile[];
  /** The images of these files. */
  jobs: readonly NightJob[];
}

/** What was aimed at: the target, or else the observation. */
export const targetOf = ({ object, obsid }: Exposure): string => object || obsid || "field";

/** Exposures of equal keys are joined by the rule. */
function keyOf({ same, pixels }: JointRule, exposure: Exposure): string {
  const { x, y, nx, ny } = exposure.subarray;
  const window = pixels ? [x, y, nx, ny] : [];
  return [targetOf(exposure), ...same.map((key) => factOf(exposure, key)), ...window].join("\n");
}

/** Fields of two images and more, in the order of their first exposures; an image is joined by one rule. */
export function fieldsOf(images: readonly NightJob[], rules: readonly JointRule[]): Field[] {
  const fields = new Map<string, { rule: JointRule; files: NightFile[]; jobs: NightJob[] }>();
  for (const job of images) {
    const file = firstFile(job);
    const rule = rules.find(
      ({ of, tags }) => of.includes(file.exposure.obstype) && tags.every((tag) => file.tags.has(tag)),
    );
    if (!rule) continue;
    const key = `${rule.title}\n${keyOf(rule, file.exposure)}`;
    const field = fields.get(key) ?? { rule, files: [], jobs: [] };
    fields.set(key, field);
    field.files.push(file);
    field.jobs.push(job);
  }
  return [...fields.values()].filter(({ files }) => files.length > 1);
}

/** IRIS_SIM_FIELD_Kbb; what is joined pixel by pixel is told apart by all that it has in common. */
export function jointName({ same, pixels }: JointRule, exposure: Exposure): string {
  const others = same.filter((key) => key !== "detector" && key !== "filter");
  const words = pixels
    ? [
        exposure.instrument,
        exposure.detector,
        targetOf(exposure),
        exposure.filter,
        ...others.map((key) => factOf(exposure, key)),
      ]
    : fieldWords(exposure);
  return joined(words);
}

const fieldWords = (exposure: Exposure): string[] => [
  exposure.instrument,
  targetOf(exposure),
  exposure.filter,
];

/** IRIS_SIM_FIELD_Kbb. */
export const fieldName = (exposure: Exposure): string => joined(fieldWords(exposure));

const joined = (words: readonly string[]): string =>
  words
    .filter((word) => word !== "")
    .map(slug)
    .join("_");

const count = (n: number): string => `${n} exposure${n === 1 ? "" : "s"}`;

/** "36 images (9 exposures × 4 detectors)". */
export function exposuresOf(files: readonly NightFile[]): string {
  const detectors = new Set(files.map(({ exposure }) => exposure.detector)).size;
  if (detectors < 2) return `${files.length} images`;
  const moments = new Set(files.map(({ exposure }) => exposure.dateObs)).size;
  return moments * detectors === files.length
    ? `${files.length} images (${count(moments)} × ${detectors} detectors)`
    : `${files.length} images of ${detectors} detectors`;
}

/** A word that is safe in a file's name. */
const slug = (text: string): string => text.trim().replace(/[^\p{L}\p{N}.+-]+/gu, "_");
