import test from "ava";
import { channelToWave, readSpectralAxis, waveToChannel } from "../../src/wcs/index.js";

const header = { CTYPE3: "WAVE", CUNIT3: "um", CRPIX3: 1, CRVAL3: 1.975, CDELT3: 0.00027 };

test("channel 0 lies at CRVAL3, in metres; and back", (t) => {
  const axis = readSpectralAxis(header);
  if ("none" in axis) return t.fail(axis.none);
  t.true(Math.abs(channelToWave(axis, 0) - 1.975e-6) < 1e-20);
  t.true(Math.abs(channelToWave(axis, 100) - 2.002e-6) < 1e-20);
  t.true(Math.abs(waveToChannel(axis, 2.002e-6) - 100) < 1e-8);
});

test("other axes, units and headers without numbers are told apart", (t) => {
  t.true("none" in readSpectralAxis({ ...header, CTYPE3: "VRAD" }));
  t.true("none" in readSpectralAxis({ ...header, CUNIT3: "Hz" }));
  t.true("none" in readSpectralAxis({ CTYPE3: "WAVE" }));
});
