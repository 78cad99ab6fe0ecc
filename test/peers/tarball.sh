#!/usr/bin/env bash
# The package as users get it: packed, installed into an empty folder, run there.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
tarball=$(npm pack --silent --pack-destination "$work" | tail -n 1)
ls -l "$work/$tarball" | awk '{print $9 ": " $5 " bytes"}'
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --omit=dev "./$tarball"
npx iris --version
npx iris sim ramp --size 128 --reads 8 --seed 7 -o sim_uncal.fits
npx iris readout sim_uncal.fits --mode utr -o out
cp "$root/fixtures/iris_utr.fits" .
npx iris reduce iris_utr.fits -o out
test -s out/iris_utr_cal.fits && test -s out/iris_utr_cal.png
node --input-type=module -e 'import { version, fits } from "iris-drs"; const f = fits.openFits("out/iris_utr_cal.fits"); console.log("library", version, f.hdus.map((h) => h.name).join(" ")); f.close()'
