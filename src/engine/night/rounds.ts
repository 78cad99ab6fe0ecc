/** Rounds of a pipeline that needs a mosaic of its own products: images, their mosaic, and again with what that shows. */
import type { Exposure } from "../../data/exposure.js";
import type { Rounds } from "../../step/pipeline.js";
import type { NightFile, NightJob } from "./types.js";

/** An image of a field, and the exposures that it is reduced with. */
export interface FieldImage {
  image: NightFile | NightJob;
  exposure: Exposure;
  members: NightJob["members"];
  because: readonly string[];
}

export interface FieldOfRounds {
  /** "SIM FIELD Kbb", and a word for files. */
  title: string;
  name: string;
  images: readonly FieldImage[];
}

/**
 * The jobs of at most `most` rounds, each after those that it uses, and the last of each image. Every round but the first
 * has the mosaic of the one before as a reference; where that says that nothing new was found, the round isn't needed, and
 * the last one takes the last mosaic that there is.
 */
export function roundJobs(
  { title, name, images }: FieldOfRounds,
  { pipeline, rounds, most }: { pipeline: string; rounds: Rounds | undefined; most: number },
): { jobs: NightJob[]; last: NightJob[] } {
  const jobs: NightJob[] = [];
  const plain = { refs: {}, without: {}, caveats: [], stage: "images", picture: false } as const;
  const add = (job: NightJob): NightJob => {
    jobs.push(job);
    return job;
  };
  let before: { images: NightJob[]; mosaic: NightJob } | null = null;
  const madeOf = (round: number): { refs: NightJob["refs"]; because: string[] } =>
    before && rounds
      ? {
          refs: {
            [rounds.reftype]: { job: before.mosaic, why: `objects of the mosaic of round ${round - 1}` },
          },
          because: [
            round === most
              ? "objects of the last mosaic are masked, too"
              : `objects of the mosaic of round ${round - 1} are masked, too; left out where that has no new ones`,
          ],
        }
      : { refs: {}, because: ["objects are masked as each exposure shows them"] };
  for (let round = 1; rounds && round < most; round++) {
    const { refs, because } = madeOf(round);
    const unless = (instead: NightJob | undefined): Pick<NightJob, "unless"> =>
      before && instead ? { unless: { job: before.mosaic, keyword: rounds.settled, instead } } : {};
    const made = images.map(({ image, exposure, members, because: why }, i) =>
      add({
        ...plain,
        ...unless(before?.images[i]),
        title: `sky round ${round} ${title} ${exposure.detector}`.trim(),
        pipeline: rounds.images,
        inputs: [image],
        members,
        refs,
        ending: `sky${round}`,
        because: [...because, ...why],
      }),
    );
    const mosaic = add({
      ...plain,
      ...unless(before?.mosaic),
      title: `objects round ${round} ${title}`,
      pipeline: rounds.mosaic,
      inputs: made,
      members: {},
      name,
      ending: `objects${round}`,
      because: [`its objects are masked in round ${round + 1}`],
    });
    before = { images: made, mosaic };
  }
  const { refs, because } = madeOf(most);
  const last = images.map(({ image, exposure, members, because: why }) =>
    add({
      ...plain,
      title: `sky-subtracted ${title} ${exposure.detector}`.trim(),
      pipeline,
      inputs: [image],
      members,
      refs,
      picture: true,
      because: [...because, ...why],
    }),
  );
  return { jobs, last };
}
