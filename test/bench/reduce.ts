/** Dark, flat and background of one 4096² frame with SCI, ERR and DQ, beside numpy and astropy.io.fits. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { folder, hasAstropy, iris, peers, python, run } from "./data.js";
import { measure, printTable, type Row } from "./measure.js";

export function bench(): void {
  const scripts = join(peers, "imager");
  if (!existsSync(scripts) || !hasAstropy) {
    console.log("left out: reduce 4096² (its data come from ../shared/bench and python3-astropy)");
    return;
  }
  if (!existsSync(join(folder, "cr.fits"))) run([python, "-W", "ignore", join(scripts, "mkdata.py"), folder]);
  const file = (name: string) => join(folder, `${name}.fits`);
  const job = "4096² dark, flat, sky; SCI ERR DQ";
  const common = [
    ...["reduce", file("sci"), "--ref", `dark=${file("dark")}`, "--ref", `flat=${file("flat")}`],
    ...[
      "--background",
      file("sky"),
      "-s",
      "background.propagate_err=true",
      "-o",
      join(folder, "reduced"),
      "--force",
    ],
  ];
  const rows: Row[] = [
    {
      job,
      who: "iris, image2",
      ...measure(iris(...common, "--pipeline", "image2", "--no-quicklook")),
      note: "the sky frame is dark-subtracted and flat-fielded too",
    },
    {
      job,
      who: "iris, imager2",
      ...measure(iris(...common, "--pipeline", "imager2", "--no-quicklook")),
      note: "the raw sky is subtracted first",
    },
    {
      job,
      who: "numpy + astropy.io.fits",
      ...measure([
        python,
        "-W",
        "ignore",
        join(scripts, "peer_reduce.py"),
        "numpy",
        folder,
        join(folder, "peer.fits"),
      ]),
      note: "the sky frame is subtracted as it is; no fsync, checksum or provenance",
    },
  ];
  printTable("reduce one frame, whole process", rows);
}
