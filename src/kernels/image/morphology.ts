/** Growing of masks. */
import { simdFor } from "../memory.js";

/** out = OR of the 3×3 pixels around each; the outermost ring is copied. */
export function dilate3(out: Uint8Array, mask: Uint8Array, nx: number, ny: number): void {
  const simd = nx < 18 ? null : simdFor(out, mask);
  if (simd) simd.dilate3(out.byteOffset, mask.byteOffset, nx, ny);
  else dilate3Plain(out, mask, nx, ny);
}

export function dilate3Plain(out: Uint8Array, mask: Uint8Array, nx: number, ny: number): void {
  out.set(mask);
  for (let y = 1; y < ny - 1; y++)
    for (let x = 1, i = y * nx + 1; x < nx - 1; x++, i++)
      out[i] =
        mask[i - nx - 1]! |
        mask[i - nx]! |
        mask[i - nx + 1]! |
        mask[i - 1]! |
        mask[i]! |
        mask[i + 1]! |
        mask[i + nx - 1]! |
        mask[i + nx]! |
        mask[i + nx + 1]!;
}

/** Each pixel set grows by a 5×5 square without its corners; outside the frame nothing is set. */
export function dilate5(out: Uint8Array, mask: Uint8Array, nx: number, ny: number): void {
  out.fill(0);
  for (let y = 0; y < ny; y++)
    for (let x = 0; x < nx; x++) {
      if (!mask[y * nx + x]) continue;
      for (let v = -2; v <= 2; v++) {
        if (y + v < 0 || y + v >= ny) continue;
        const reach = v === -2 || v === 2 ? 1 : 2;
        const [from, to] = [Math.max(0, x - reach), Math.min(nx - 1, x + reach)];
        out.fill(1, (y + v) * nx + from, (y + v) * nx + to + 1);
      }
    }
}
