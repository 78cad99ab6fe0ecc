/** The tree of peaks of a patch of pixels, built from the highest down (Bertin & Arnouts 1996, §6.2). */

interface Policy {
  threshold: number;
  minarea: number;
  levels: number;
  contrast: number;
}

/** A connected group of pixels above a level. Its pixels are the part of a chain from `head` to `tail`. */
interface Branch {
  root: number;
  head: number;
  tail: number;
  area: number;
  light: number;
  /** Nothing in it came apart. */
  single: boolean;
}

/**
 * The branches that hold more than `contrast` of the patch's light above the level where they come apart from another
 * such one, with their pixels there. Levels lie exponentially between threshold and peak; while the level sinks,
 * pixels join their neighbours by union-find, and branches are judged when those below them have joined.
 */
export function branchesOf(
  pixels: Int32Array,
  smooth: Float32Array,
  nx: number,
  { threshold, minarea, levels, contrast }: Policy,
): Int32Array[] {
  const n = pixels.length;
  let [peak, flux] = [0, 0];
  for (let k = 0; k < n; k++) {
    const v = smooth[pixels[k]!]!;
    flux += v;
    if (v > peak) peak = v;
  }
  const step = Math.log(peak / threshold) / levels;
  const buckets = bucketsOf(pixels, smooth, threshold, step, levels);
  const forest = makeForest(pixels, smooth, nx);
  const leaves: Int32Array[] = [];
  let sons: Branch[] = [];
  for (let level = levels - 1; level >= 0; level--) {
    // Without new pixels nothing joins.
    if (buckets.starts[level + 1] === buckets.starts[level]) continue;
    for (let k = buckets.starts[level + 1]!; k < buckets.starts[level]!; k++) forest.add(buckets.order[k]!);
    const above = threshold * Math.exp(step * (level + 1));
    const parents: Branch[] = [];
    for (const root of forest.roots()) {
      if (forest.area[root]! < minarea) continue;
      const group = sons.filter((son) => forest.root(son.root) === root);
      const strong = group.filter(({ light, area }) => light - area * above > flux * contrast);
      const apart = strong.length > 1;
      if (apart)
        for (const { single, head, tail } of strong) if (single) leaves.push(forest.pixels(head, tail));
      parents.push({ ...forest.branch(root), single: !apart && group.every(({ single }) => single) });
    }
    sons = parents;
  }
  return leaves.sort((a, b) => a[0]! - b[0]!);
}

/** Pixels ordered by falling level; those of level l are order[starts[l + 1]] … order[starts[l] − 1]. */
function bucketsOf(
  pixels: Int32Array,
  smooth: Float32Array,
  threshold: number,
  step: number,
  levels: number,
): { order: Int32Array; starts: Int32Array } {
  const n = pixels.length;
  const level = new Uint8Array(n);
  const starts = new Int32Array(levels + 1);
  for (let k = 0; k < n; k++) {
    const l = Math.min(levels - 1, Math.max(0, Math.floor(Math.log(smooth[pixels[k]!]! / threshold) / step)));
    level[k] = l;
    starts[l]!++;
  }
  for (let l = levels - 1; l >= 0; l--) starts[l]! += starts[l + 1]!;
  const order = new Int32Array(n);
  const next = starts.subarray(1).slice();
  for (let k = 0; k < n; k++) order[next[level[k]!]!++] = k;
  return { order, starts };
}

interface Forest {
  add(pixel: number): void;
  root(pixel: number): number;
  /** Of all groups so far. */
  roots(): readonly number[];
  area: Int32Array;
  branch(root: number): Omit<Branch, "single">;
  /** Of a chain, in row order. */
  pixels(head: number, tail: number): Int32Array;
}

/** The set that `k` is in, by its first member; paths to it are made short. */
export function rootOf(parent: Int32Array | number[], k: number): number {
  let root = k;
  while (parent[root] !== root) root = parent[root]!;
  for (let i = k; parent[i] !== root;) {
    const next = parent[i]!;
    parent[i] = root;
    i = next;
  }
  return root;
}

/** Arrays of the largest patch so far: a patch is done before the next begins. */
const room = {
  parent: new Int32Array(0),
  head: new Int32Array(0),
  tail: new Int32Array(0),
  after: new Int32Array(0),
  area: new Int32Array(0),
  light: new Float64Array(0),
  added: new Int32Array(0),
};

function makeRoom(n: number, places: number): typeof room {
  if (room.parent.length < n) {
    for (const name of ["parent", "head", "tail", "after", "area"] as const)
      room[name] = new Int32Array(2 * n);
    room.light = new Float64Array(2 * n);
  }
  if (room.added.length < places) room.added = new Int32Array(2 * places);
  else room.added.fill(0, 0, places);
  return room;
}

/** Groups of 8-connected pixels that grow and join; pixels by their place in `pixels`. */
function makeForest(pixels: Int32Array, smooth: Float32Array, nx: number): Forest {
  const n = pixels.length;
  let x0 = Infinity;
  let x1 = -Infinity;
  for (let k = 0; k < n; k++) {
    const x = pixels[k]! % nx;
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
  }
  // A map of the box around the pixels, one wider on every side: place + 1 of those that were added.
  const y0 = Math.floor(pixels[0]! / nx);
  const width = x1 - x0 + 3;
  const rows = Math.floor(pixels[n - 1]! / nx) - y0 + 3;
  const { parent, head, tail, after, area, light, added } = makeRoom(n, width * rows);
  let alive: number[] = [];
  const join = (a: number, b: number): number => {
    const big = area[a]! >= area[b]! ? a : b;
    const small = big === a ? b : a;
    parent[small] = big;
    after[tail[big]!] = head[small]!;
    tail[big] = tail[small]!;
    area[big]! += area[small]!;
    light[big]! += light[small]!;
    return big;
  };
  return {
    area,
    root: (k) => rootOf(parent, k),
    add(k) {
      const p = pixels[k]!;
      const y = Math.floor(p / nx);
      const place = (y - y0 + 1) * width + p - y * nx - x0 + 1;
      parent[k] = head[k] = tail[k] = k;
      area[k] = 1;
      light[k] = smooth[p]!;
      alive.push(k);
      added[place] = k + 1;
      let own = k;
      for (let dy = -width; dy <= width; dy += width)
        for (let dx = -1; dx <= 1; dx++) {
          const near = added[place + dy + dx]!;
          if (near === 0) continue;
          const other = rootOf(parent, near - 1);
          if (other !== own) own = join(own, other);
        }
    },
    roots() {
      alive = alive.filter((k) => parent[k] === k);
      return alive;
    },
    branch: (k) => ({ root: k, head: head[k]!, tail: tail[k]!, area: area[k]!, light: light[k]! }),
    pixels(first, last) {
      const out = [pixels[first]!];
      for (let k = first; k !== last;) {
        k = after[k]!;
        out.push(pixels[k]!);
      }
      return Int32Array.from(out).sort();
    },
  };
}
