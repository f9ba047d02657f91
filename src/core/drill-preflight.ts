/** Whether a drill may begin now: a drill must not meet a pair that has trouble already, or an hour that is not its own. */

export interface DrillFacts {
  /** Undefined: it gives no answer. */
  readonly peer: string | undefined;
  /** Nodes that say that they are master of the group. */
  readonly masters: readonly string[];
  /** What keeps one from taking part, by node. */
  readonly faults: readonly { readonly node: string; readonly why: string }[];
  readonly paused: boolean;
  readonly maintenance: readonly string[];
  /** What the nodes do not have in common, a sentence each. */
  readonly differing: readonly string[];
  /** Whether both know of the same statements of operators. */
  readonly intents: 'equal' | 'differ' | 'unknown';
  /** Of stick tables: why they are not the same; undefined where they are, or none are replicated. */
  readonly tables: string | undefined;
  /** What is planned for soon. */
  readonly planned: readonly string[];
  /** A drill that is under way, or could not be undone. */
  readonly drills: readonly {
    readonly node: string;
    readonly name: string;
    readonly phase: string;
  }[];
  /** Nodes whose configuration forbids them. */
  readonly forbidden: readonly string[];
  readonly budget: DrillBudget | undefined;
  /** By the local clock of the node that is asked. */
  readonly time: { readonly day: number; readonly minute: number };
  readonly windows: readonly DrillHours[];
}

export interface DrillBudget {
  readonly failed: number;
  readonly days: number;
  /** What drills have cost within these days. */
  readonly spent: number;
}

export interface DrillHours {
  /** As it was written. */
  readonly name: string;
  /** 0: Sunday. */
  readonly days: readonly number[];
  /** Minutes from midnight; where `to` is no later, it is of the next day. */
  readonly from: number;
  readonly to: number;
}

/** What speaks against it, a sentence each; none: it may begin. */
export function objections(facts: DrillFacts): readonly string[] {
  return [...ofThePair(facts), ...ofTheirState(facts), ...ofTheSite(facts)];
}

function ofThePair({ peer, masters, faults, drills, forbidden }: DrillFacts): readonly string[] {
  return [
    ...(peer === undefined ? ['the other node does not answer: nobody would take over'] : []),
    ...(masters.length === 1 ? [] : [mastersAre(masters)]),
    ...faults.map(({ node, why }) => `${node} is not fit: ${why}`),
    ...drills.map(({ node, name, phase }) =>
      phase === 'failed'
        ? `the drill ${name} could not be undone on ${node}: see vipair status, and then vipair drill undo`
        : `the drill ${name} is under way on ${node} (${phase})`,
    ),
    ...forbidden.map((node) => `${node} lets no drill make faults on it (drills.enabled)`),
  ];
}

function mastersAre(masters: readonly string[]): string {
  return masters.length === 0
    ? 'no node is master of the group'
    : `both nodes say that they are master: ${masters.join(' and ')}`;
}

function ofTheirState({
  paused,
  maintenance,
  differing,
  intents,
  tables,
  planned,
}: DrillFacts): readonly string[] {
  return [
    ...(paused ? ['the pair is paused: vipair resume lets it move again'] : []),
    ...maintenance.map((node) => `${node} is in maintenance`),
    ...differing,
    ...(intents === 'differ' ? ['the nodes know of different statements of operators'] : []),
    ...(tables === undefined ? [] : [`stick tables are not the same on both nodes: ${tables}`]),
    ...planned.map((each) => `a switchover is planned: ${each}`),
  ];
}

function ofTheSite({ budget, windows, time }: DrillFacts): readonly string[] {
  const spent =
    budget !== undefined && budget.spent >= budget.failed
      ? [
          `drills have failed ${String(budget.spent)} requests within ${String(budget.days)} days, and ${String(budget.failed)} are allowed (drills.budget)`,
        ]
      : [];
  const open = windows.length === 0 || windows.some((each) => isWithin(each, time));
  const hours = windows.map(({ name }) => name).join(', ');
  return [...spent, ...(open ? [] : [`drills may begin only at: ${hours} (drills.windows)`])];
}

/** From the first minute on, and no more in the last. */
export function isWithin(
  { days, from, to }: DrillHours,
  { day, minute }: DrillFacts['time'],
): boolean {
  if (from < to) {
    return days.includes(day) && minute >= from && minute < to;
  }
  // Past midnight it belongs to the day before.
  const before = (day + DAYS - 1) % DAYS;
  return (days.includes(day) && minute >= from) || (days.includes(before) && minute < to);
}

const DAYS = 7;
