/** When each product was made: bars on lanes, a drawing per session. */
import type { ProductFacts } from "./facts.js";
import { markup, type Html } from "./markup.js";

interface Bar {
  index: number;
  /** Seconds since the session began. */
  from: number;
  to: number;
  lane: number;
  warned: boolean;
}

export interface Session {
  /** UTC. */
  start: Date;
  seconds: number;
  lanes: number;
  bars: Bar[];
}

/** Seconds without work that part two sessions. */
const PAUSE = 600;

/** Sessions in order of time; what the ledger doesn't know has no place in them. */
export function sessionsOf(products: readonly ProductFacts[]): Session[] {
  const made = products
    .flatMap(({ entry, caveats }, index) =>
      entry
        ? [{ index, warned: caveats.length > 0, end: Date.parse(entry.time) / 1000, seconds: entry.seconds }]
        : [],
    )
    .map((item) => ({ ...item, begin: item.end - item.seconds }))
    .sort((a, b) => a.begin - b.begin);
  const sessions: (Session & { begin: number; free: number[] })[] = [];
  for (const { index, warned, begin, end } of made) {
    let session = sessions.at(-1);
    if (!session || begin - session.begin - session.seconds > PAUSE)
      sessions.push(
        (session = { start: new Date(begin * 1000), begin, seconds: 0, lanes: 0, bars: [], free: [] }),
      );
    const { free } = session;
    // Times are rounded to milliseconds.
    let lane = free.findIndex((until) => until <= begin + 0.002);
    if (lane < 0) lane = free.length;
    free[lane] = end;
    session.bars.push({ index, from: begin - session.begin, to: end - session.begin, lane, warned });
    session.seconds = Math.max(session.seconds, end - session.begin);
    session.lanes = free.length;
  }
  return sessions.map(({ start, seconds, lanes, bars }) => ({ start, seconds, lanes, bars }));
}

const WIDTH = 1000;
const LANE = 14;

/** `nameOf` gives the words of a bar, `hrefOf` where it leads. */
export function drawSession(
  { seconds, lanes, bars }: Session,
  nameOf: (index: number) => string,
  hrefOf: (index: number) => string,
): Html {
  const scale = WIDTH / Math.max(seconds, 1e-3);
  const height = lanes * LANE;
  return markup`<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" style="height:${height}px" role="img" aria-label="when each product was made">
${bars.map(({ index, from, to, lane, warned }) => {
  const [x, width] = [from * scale, Math.max(1.5, (to - from) * scale - 1)];
  return markup`<a href="${hrefOf(index)}"><rect class="${warned ? "warned" : ""}" x="${x.toFixed(2)}" y="${lane * LANE + 2}" width="${width.toFixed(2)}" height="${LANE - 4}"><title>${nameOf(index)}, ${(to - from).toFixed(1)} s</title></rect></a>
`;
})}</svg>`;
}
