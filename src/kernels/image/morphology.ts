/** Growing of masks, and the Laplacian that finds sharp edges. */

/** out = OR of the 3×3 pixels around each; the outermost ring is copied. */
export function dilate3(out: Uint8Array, mask: Uint8Array, nx: number, ny: number): void {
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

/**
 * van Dokkum's Laplacian: each pixel split into 2×2, 4·p − its four neighbours (0 outside), negative values cut,
 * and the four averaged back. A quarter pixel has two neighbours inside its own pixel, so it is 2p − its two
 * outer ones.
 */
export function laplacian(out: Float32Array, a: Float32Array, nx: number, ny: number): void {
  for (let y = 0; y < ny; y++)
    for (let x = 0, i = y * nx; x < nx; x++, i++) {
      const p = 2 * a[i]!;
      const left = x > 0 ? a[i - 1]! : 0;
      const right = x < nx - 1 ? a[i + 1]! : 0;
      const down = y > 0 ? a[i - nx]! : 0;
      const up = y < ny - 1 ? a[i + nx]! : 0;
      const dl = p - left - down;
      const dr = p - right - down;
      const ul = p - left - up;
      const ur = p - right - up;
      out[i] = ((dl > 0 ? dl : 0) + (dr > 0 ? dr : 0) + (ul > 0 ? ul : 0) + (ur > 0 ? ur : 0)) / 4;
    }
}
