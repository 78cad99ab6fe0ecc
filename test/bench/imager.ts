/** Image steps beside the peers of ../shared/bench/imager, whole processes; and the time from a raw ramp to its picture. */
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { canRun, folder, hasAstropy, iris, made, peers, products, python, run } from "./data.js";
import { measure, printTable, type Row } from "./measure.js";

const scripts = join(peers, "imager");
const file = (name: string) => join(folder, `${name}.fits`);
const common = ["-o", products, "--force", "--no-quicklook", "-q"];

interface Job {
  job: string;
  ours: { words: string[]; who?: string; note?: string }[];
  /** Python module, script and mode. */
  peers: { who: string; module: string; script: string; mode: string; env?: string; note?: string }[];
}

const frames = Array.from({ length: 10 }, (_, i) => file(`frame${i}`));
const reduceWords = [
  ...["reduce", file("sci"), "--ref", `dark=${file("dark")}`, "--ref", `flat=${file("flat")}`],
  ...["--background", file("sky"), "-s", "background.propagate_err=true", ...common],
];

const jobs: readonly Job[] = [
  {
    job: "4096² dark, flat, sky; SCI ERR DQ",
    ours: [
      {
        who: "iris, image2",
        words: [...reduceWords, "--pipeline", "image2"],
        note: "the sky is dark-subtracted and flat-fielded too",
      },
      {
        who: "iris, imager2",
        words: [...reduceWords, "--pipeline", "imager2"],
        note: "the raw sky is subtracted first",
      },
    ],
    peers: [
      {
        who: "numpy + astropy.io.fits",
        module: "numpy",
        script: "peer_reduce.py",
        mode: "numpy",
        note: "the sky is subtracted as it is; no fsync, checksum or provenance",
      },
      { who: "ccdproc", module: "ccdproc", script: "peer_reduce.py", mode: "ccdproc" },
    ],
  },
  {
    job: "clipped median of 10 × 2048²",
    ours: [{ words: ["step", "run", "combine", ...frames, "-s", "iterations=5", ...common] }],
    peers: [{ who: "astropy sigma_clip", module: "astropy", script: "peer_combine.py", mode: "astropy" }],
  },
  {
    job: "L.A.Cosmic 2048²",
    ours: [{ words: ["step", "run", "lacosmic", file("cr"), "-s", "noise=model", ...common] }],
    peers: [
      {
        who: "astroscrappy, 2 threads",
        module: "astroscrappy",
        script: "peer_lacosmic.py",
        mode: "sepmed",
        env: "OMP_NUM_THREADS=2",
      },
    ],
  },
  {
    job: "background map 4096²",
    ours: [{ words: ["step", "run", "calc_bkg_imager", file("sci"), ...common] }],
    peers: [{ who: "photutils", module: "photutils", script: "peer_reduce.py", mode: "bkg2d" }],
  },
  {
    job: "drizzle 2048², square",
    ours: [
      {
        words: [
          ...["step", "run", "resample", file("sky2048"), ...common],
          ...["-s", "crpix=1023.87,1023.13", "-s", "output_shape=2048,2048"],
        ],
      },
    ],
    peers: [{ who: "drizzle", module: "drizzle", script: "peer_resample.py", mode: "drizzle" }],
  },
  {
    job: "detection, photometry 2048²",
    ours: [
      { words: ["qa", file("cr"), "-o", products, "--force", "-q"], note: "and shapes, limits, a catalogue" },
    ],
    peers: [
      { who: "sep", module: "sep", script: "peer_detect.py", mode: "sep" },
      { who: "photutils", module: "photutils", script: "peer_detect.py", mode: "photutils" },
    ],
  },
];

/** The peers' frame with the coordinates that their script gives it. */
function makeSky2048(path: string): void {
  copyFileSync(file("cr"), path);
  const cards = ["CTYPE1=RA---TAN", "CTYPE2=DEC--TAN", "CRVAL1=250.4", "CRVAL2=36.46"];
  const scale = ["CRPIX1=1024.5", "CRPIX2=1024.5", "CDELT1=-1.11e-6", "CDELT2=1.11e-6"];
  run(iris("fits", "set", `${path}[SCI]`, ...[...cards, ...scale].flatMap((card) => ["-k", card])));
}

function rowsOf({ job, ours, peers }: Job): Row[] {
  const rows: Row[] = ours.map(({ who, words, note }) => ({
    job,
    who: who ?? "iris",
    ...measure(iris(...words)),
    ...(note && { note }),
  }));
  for (const { who, module, script, mode, env, note } of peers) {
    if (!canRun(python, "-W", "ignore", "-c", `import ${module}`)) {
      console.log(`left out: ${job} by ${who} (python3-${module} isn't installed)`);
      continue;
    }
    const command = [
      python,
      "-W",
      "ignore",
      join(scripts, script),
      mode,
      folder,
      join(products, "peer.fits"),
    ];
    const made = measure(env ? ["env", env, ...command] : command);
    rows.push({ job, who, ...made, ...(note && { note }) });
  }
  return rows;
}

/** One detector's raw ramp to the calibrated image and its PNG, with a cache of references of its size. */
function rampToPicture(): Row {
  const cache = made("cache4096", (path) =>
    run(iris("sim", "references", "--size", "4096", "--cache", path)),
  );
  const ramp = made("ramp4096.fits", (path) =>
    run(iris("sim", "ramp", "--size", "4096", "--reads", "40", "--no-truth", "-o", path)),
  );
  const measured = measure(
    ["env", `CRDS_PATH=${cache}`, ...iris("reduce", ramp, "-o", products, "--force", "-q")],
    { runs: 3 },
  );
  return { job: "raw 4096² × 40 reads → image, PNG", who: "iris", ...measured, note: "30 s are asked for" };
}

export function bench(): void {
  if (!existsSync(scripts) || !hasAstropy) {
    console.log("left out: the image steps (their data come from ../shared/bench and python3-astropy)");
    return;
  }
  if (!existsSync(file("cr"))) run([python, "-W", "ignore", join(scripts, "mkdata.py"), folder]);
  made("sky2048.fits", makeSky2048);
  printTable("images, whole process", [...jobs.flatMap(rowsOf), rampToPicture()]);
}
