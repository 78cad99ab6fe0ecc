/** The exposures that a product is made of, and those that its steps use beside them. */
import { InputError } from "../errors.js";
import { misfit, type Entry } from "../step/pipeline.js";
import { planChain, type ChainContext, type PlannedEntry } from "./chain.js";
import type { Group } from "./groups.js";
import type { Opened } from "./inputs.js";
import { julianDate } from "./night/match.js";
import type { PlannedInput, PlannedProduct } from "./plan-types.js";
import { axesAfter } from "./reframe.js";
import type { MemberDecl } from "../step/define.js";

export const plannedInput = (opened: Opened, chain: readonly PlannedEntry[]): PlannedInput => ({
  path: opened.path,
  kind: opened.kind,
  exposure: opened.exposure,
  tags: [...opened.tags],
  ...(opened.layout ? { layout: opened.layout } : {}),
  ...(opened.assembly ? { assembly: opened.assembly } : {}),
  steps: chain.map(({ planned }) => planned),
});

/** Members go through the steps before the one that uses them, from the first that takes what they are. */
export function planMembers(
  group: Group,
  entries: readonly Entry[],
  open: (path: string) => Opened,
  { steps, first, ...context }: ChainContext & { steps: readonly PlannedEntry[]; first: Opened },
): PlannedProduct["members"] {
  const planned: PlannedProduct["members"] = {};
  for (const [role, paths] of Object.entries(group.members)) {
    const user = entries.findIndex(({ step }) => role in (step.members as object));
    if (user < 0) continue;
    const before = entries.slice(0, user);
    const { nearest: parameter, unless } = declOf(steps[user]!, role);
    if (unless !== undefined && group.members[unless]?.length) continue;
    const most = parameter === undefined ? Infinity : Number(steps[user]!.planned.params[parameter]!.value);
    const used = most < paths.length ? nearest(first, paths, open, most) : paths;
    planned[role] = used.map((path) => {
      const opened = open(path);
      const stepsBefore = before.map(({ step }) => step);
      const enter = stepsBefore.findIndex((_, i) => !misfit(stepsBefore.slice(i), opened.kind));
      const chain = planChain(enter < 0 ? [] : before.slice(enter), opened, { ...context, members: {} });
      const planned = plannedInput(opened, chain);
      if (steps[user]!.step.locality !== "joint")
        checkSize(first, steps.slice(0, user), opened, planned, role);
      return planned;
    });
  }
  return planned;
}

/** What is taken from an exposure pixel by pixel has its frame. @throws InputError */
function checkSize(
  science: Opened,
  before: readonly PlannedEntry[],
  member: Opened,
  { steps }: PlannedInput,
  role: string,
): void {
  const [nx, ny] = axesAfter(
    science.axes,
    before.map(({ planned }) => planned),
  );
  const [mx, my] = axesAfter(member.axes, steps);
  if (mx === nx && my === ny) return;
  throw new InputError(
    `cannot use ${member.path} as ${role} of ${science.path} — it has ${mx} × ${my} pixels, the science ${nx} × ${ny}`,
    { hint: `give a ${role} of the science's subarray: iris fits info ${member.path}` },
  );
}

const declOf = ({ step }: PlannedEntry, role: string): MemberDecl =>
  (step.members as Record<string, MemberDecl>)[role]!;

/** The exposures nearest in time, in the order given; the first ones where times are unknown. */
function nearest(
  { exposure }: Opened,
  paths: readonly string[],
  open: (path: string) => Opened,
  count: number,
): readonly string[] {
  const days = (path: string): number => {
    const apart = Math.abs(julianDate(open(path).exposure) - julianDate(exposure));
    return Number.isNaN(apart) ? Infinity : apart;
  };
  const chosen = new Set([...paths].sort((a, b) => days(a) - days(b) || 0).slice(0, count));
  return paths.filter((path) => chosen.has(path));
}
