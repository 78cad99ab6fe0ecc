/** Planck's law as the spectrum of a standard star, fitted to its broad-band photometry. */

/** h·c/k_B in µm·K (CODATA 2018, exact). */
const HC_K = 14387.76877503934;

/** ln of B_λ(T) without its constant factor; λ in µm, T in K. */
function logPlanck(wave: number, temperature: number): number {
  const u = HC_K / (wave * temperature);
  // e^u − 1 overflows in the far Wien tail, where it is e^u.
  return -5 * Math.log(wave) - (u > 500 ? u : Math.log(Math.expm1(u)));
}

/** ∂ ln B_λ / ∂ ln T. */
function slope(wave: number, temperature: number): number {
  const u = HC_K / (wave * temperature);
  return u / -Math.expm1(-u);
}

export interface PlanckFit {
  temperature: number;
  /** Spectrum at a wavelength in µm, in the unit of the photometry. */
  at(wave: number): number;
}

const [COLDEST, HOTTEST] = [500, 200_000];
const MAX_PASSES = 100;

/**
 * Least squares in ln F over temperature and scale. Two or more points; null when the colours are bluer or redder
 * than those of any temperature between 500 and 200 000 K, as when only the Rayleigh–Jeans tail is seen.
 */
export function fitPlanck(waves: readonly number[], fluxes: readonly number[]): PlanckFit | null {
  const logs = fluxes.map(Math.log);
  const centred = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const misfit = (t: number): number[] => centred(logs.map((value, i) => value - logPlanck(waves[i]!, t)));
  const squares = (values: readonly number[]): number => values.reduce((sum, r) => sum + r * r, 0);
  let t = COLDEST;
  for (let grid = COLDEST; grid < HOTTEST; grid *= 1.1)
    if (squares(misfit(grid)) < squares(misfit(t))) t = grid;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const left = misfit(t);
    const d = centred(waves.map((wave) => slope(wave, t)));
    const change = left.reduce((sum, r, i) => sum + r * d[i]!, 0) / squares(d);
    t *= Math.exp(Math.max(-0.5, Math.min(0.5, change)));
    if (!(t > COLDEST && t < HOTTEST)) return null;
    if (Math.abs(change) < 1e-14) break;
  }
  const scale = logs.reduce((sum, value, i) => sum + value - logPlanck(waves[i]!, t), 0) / logs.length;
  return { temperature: t, at: (wave) => Math.exp(scale + logPlanck(wave, t)) };
}
