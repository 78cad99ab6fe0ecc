"""A product opened with astropy: checksums, planes, coordinates, and its pixels against the simulated truth."""
import sys

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

product, truth = sys.argv[1:3]
with fits.open(product, checksum=True) as p, fits.open(truth) as t:
    names = [h.name for h in p]
    assert names == ["PRIMARY", "SCI", "ERR", "DQ", "VAR_POISSON", "VAR_RNOISE", "IRIS_PROV"], names
    sci, err, dq = (p[n].data for n in ("SCI", "ERR", "DQ"))
    assert sci.dtype == ">f4" and dq.dtype == np.uint32, (sci.dtype, dq.dtype)
    sky = WCS(p["SCI"].header).pixel_to_world(0, 0)
    good = (dq == 0) & (t["CR"].data == 0)
    pull = ((sci.astype(float) - t["RATE"].data) / err)[good]
    median = np.median(pull)
    width = 1.4826 * np.median(np.abs(pull - median))
    missed = int(np.count_nonzero(t["DQ"].data & ~dq))
    print(f"{product.split('/')[-1]}: {good.sum()} good pixels, pull median {median:+.4f}, width {width:.4f}")
    print(f"DQ bits of the truth not in the product: {missed}; first pixel at {sky.to_string('hmsdms')}")
    assert abs(median) < 0.02 and 0.97 < width < 1.03
    assert missed == 0
