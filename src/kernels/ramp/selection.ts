/** Networks of comparators that bring the middle of n values, or all of them, to their places (Batcher's odd-even merge sort). */
import type { Alloc } from "../alloc.js";

const known = new Map<number, [number, number][]>();

/** Pairs (a, b): afterwards value[a] ≤ value[b]; the middle one or two of n values end where sorting puts them. */
export function medianNetwork(n: number): readonly (readonly [number, number])[] {
  let network = known.get(n);
  if (!network) known.set(n, (network = makeNetwork(n, new Set([(n - 1) >> 1, n >> 1]))));
  return network;
}

/** The same for every place: all n values are sorted. */
export const sortingNetwork = (n: number): readonly (readonly [number, number])[] =>
  makeNetwork(n, new Set(Array(n).keys()));

/** The network of `n` rows of `bytes`, as byte offsets of the rows of each pair. */
export function comparators(n: number, bytes: number, alloc: Alloc, networkOf = medianNetwork): Uint32Array {
  const network = networkOf(n);
  const pairs = alloc.u32(2 * network.length);
  network.forEach(([a, b], i) => {
    pairs[2 * i] = bytes * a;
    pairs[2 * i + 1] = bytes * b;
  });
  return pairs;
}

/** Batcher's network as far as the places in `wanted` depend on it. */
function makeNetwork(n: number, wanted: Set<number>): [number, number][] {
  const all: [number, number][] = [];
  for (let p = 1; p < n; p *= 2)
    for (let k = p; k >= 1; k /= 2)
      for (let j = k % p; j + k < n; j += 2 * k)
        for (let i = 0; i < k && i + j + k < n; i++)
          if (Math.floor((i + j) / (2 * p)) === Math.floor((i + j + k) / (2 * p)))
            all.push([i + j, i + j + k]);
  // from the end: a comparator matters when one of its outputs does, and then both of its inputs do
  const kept = all.reverse().filter(([a, b]) => {
    if (!wanted.has(a) && !wanted.has(b)) return false;
    wanted.add(a).add(b);
    return true;
  });
  return kept.reverse();
}
