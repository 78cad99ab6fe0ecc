#!/usr/bin/env bash
# Products of ours in programs that nobody here wrote: fitsverify, astropy, fitsjs. Needs the built project.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
iris() { node "$root/bin/iris.js" "$@"; }

iris reduce "$root/fixtures/iris_utr.fits" -o "$out"
iris reduce "$root/fixtures/iris_asn.json" --config "$root/fixtures/image2_iris.cfg" -o "$out"
iris reduce "$root"/fixtures/iris_dark_?_rate.fits --pipeline create_dark -o "$out"
iris reduce "$root"/fixtures/iris_flat_?_rate.fits --pipeline create_flatfield -o "$out"
for step in dq_init saturation; do iris step run "$step" "$root/fixtures/iris_utr.fits" -o "$out"; done
iris readout "$root/fixtures/iris_dark_utr.fits" --mode cds -o "$out"

echo "fitsverify:"
fitsverify -q "$out"/*.fits "$root"/fixtures/*.fits "$root"/crds-cache/references/*/*/*.fits | tee "$out/verify.txt"
if grep -v "^verification OK" "$out/verify.txt" | grep -q .; then
  echo "fitsverify finds errors or warnings"
  exit 1
fi

echo "astropy:"
/usr/bin/python3 -W error::UserWarning "$root/test/peers/astropy_check.py" "$out/iris_utr_cal.fits" "$root/fixtures/iris_utr_truth.fits"

echo "fitsjs:"
node "$root/test/peers/fitsjs_check.mjs" "$out/iris_utr_cal.fits"
