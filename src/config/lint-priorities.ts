/**
 * What tracked things do to a group, said before one of them fails: whether a failure moves the group, and to where.
 * Everything is computed as the daemon will; each thing fails alone first, while all else is well on both nodes.
 */
import { unreachable } from '../base/unreachable.js';
import type { Config, GroupConfig, TrackConfig } from './config.js';
import { formatDuration } from './duration.js';
import type { Move, Node, Ranked } from './priority-moves.js';
import {
  bothWays,
  inNumbers,
  moves,
  NEVER,
  priorityWhen,
  priorityWithout,
  ranked,
  told,
} from './priority-moves.js';

export interface PriorityStatement {
  readonly group: string;
  /** The tracked thing; undefined where the statement is about the group. */
  readonly thing: string | undefined;
  /** `error`: the configuration contradicts itself. `warning`: it does not do what it seems to. */
  readonly severity: 'note' | 'warning' | 'error';
  readonly text: string;
}

/** A statement as one line, such as `web: db-check: lb1 150 → 140, lb2 has 100: can never move this group to lb2`. */
export function formatStatement({ group, thing, text }: PriorityStatement): string {
  return [group, thing, text].filter((part) => part !== undefined).join(': ');
}

/** At least one statement for each tracked thing of each group; none for a group that tracks and ranks nothing. */
export function lintPriorities({
  pair,
  groups,
}: Pick<Config, 'pair' | 'groups'>): readonly PriorityStatement[] {
  const [first, second] = pair.nodes.map(({ name }) => name);
  return first === undefined || second === undefined
    ? []
    : groups.flatMap((group) =>
        aboutGroup(group, {
          nodes: ranked(group, first, second),
          channel: pair.keyFiles.length > 0 ? 'open' : 'none',
        }),
      );
}

interface Pair {
  readonly nodes: Ranked;
  /** Whether each node can know that the other one is unfit, too. */
  readonly channel: 'open' | 'none';
}

interface Saying {
  readonly severity: PriorityStatement['severity'];
  readonly text: string;
}

function aboutGroup(group: GroupConfig, pair: Pair): readonly PriorityStatement[] {
  const { nodes } = pair;
  if (group.track.length === 0 && group.priority === undefined) {
    return [];
  }
  const of =
    (thing: string | undefined) =>
    (saying: Saying): PriorityStatement => ({ group: group.name, thing, ...saying });
  return [
    ...[...ranks(group, nodes), ...namesakes(group)].map(of(undefined)),
    ...group.track.flatMap((tracked) =>
      [...needless(group, tracked), ...effects(group, tracked, pair)].map(of(tracked.name)),
    ),
    ...together(group, nodes).map(of('all weights together')),
  ];
}

/** Who wins, and whether it takes the group back. */
function ranks({ prefer, failback }: GroupConfig, [high, low]: Ranked): readonly Saying[] {
  if (high.base === low.base) {
    const both = `${high.name} and ${low.name} both have ${String(high.base)}`;
    const tie: Saying = note(
      `${both}: where both are master the greater address wins, and nobody takes the group back`,
    );
    return prefer === undefined ? [tie] : [error(`${both}, so that nothing prefers ${prefer}`)];
  }
  const bases = `${high.name} has ${String(high.base)}, ${low.name} ${String(low.base)}`;
  const contradiction =
    prefer === undefined || prefer === high.name
      ? []
      : [error(`${bases}, so that ${high.name} wins, but ${prefer} is to be preferred`)];
  return [...contradiction, note(`${bases}: ${returns(high, failback)}`)];
}

function returns({ name }: Node, failback: GroupConfig['failback']): string {
  switch (failback.kind) {
    case 'never':
      return `${name} does not take the group back from a node that is as healthy`;
    case 'manual':
      return `${name} takes the group back when told to`;
    case 'after':
      return `${name} takes the group back once it has been well for ${formatDuration(failback.stableFor)}`;
    default:
      return unreachable(failback);
  }
}

function namesakes({ track }: GroupConfig): readonly Saying[] {
  const names = track.map(({ name }) => name);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return Array.from(twice, (name) => error(`more than one tracked thing is called ${name}`));
}

/** What the thing's own settings defeat. */
function needless({ instances }: GroupConfig, { thing }: TrackConfig): readonly Saying[] {
  if (thing.kind === 'interface') {
    return instances.some((each) => each.interface === thing.interface)
      ? [warning(`${thing.interface} is the group's own: its failure is a fault anyway`)]
      : [];
  }
  const isSlow =
    (thing.kind === 'script' || thing.kind === 'neighbours') && thing.timeout > thing.every;
  return isSlow
    ? [
        warning(
          `a look may take ${formatDuration(thing.timeout)} and is due every ${formatDuration(thing.every)}: some are left out`,
        ),
      ]
    : [];
}

function effects(
  group: GroupConfig,
  tracked: TrackConfig,
  { nodes, channel }: Pair,
): readonly Saying[] {
  const { consequence, thing } = tracked;
  if (consequence.kind === 'fault') {
    const onBoth =
      channel === 'open'
        ? 'one of them has the addresses all the same'
        : 'nobody has the addresses';
    return [note(`fault: the node leaves the group at once; while it fails on both, ${onBoth}`)];
  }
  return thing.kind === 'file'
    ? [ofFile(group, tracked, consequence.weight, nodes)]
    : [ofFailure(group, tracked, consequence.weight, nodes)];
}

function ofFailure(
  group: GroupConfig,
  tracked: TrackConfig,
  weight: number,
  nodes: Ranked,
): Saying {
  const weighted = group.track.filter(hasWeight);
  const parts = bothWays(nodes, (holder) => priorityWithout(holder, group, [tracked])).map(
    (alone) => {
      const all = { ...alone, after: priorityWithout(alone.holder, group, weighted) };
      const isShared = !moves(alone) && moves(all);
      return isShared
        ? `${inNumbers(alone)}: moves to ${alone.other.name} only together with others`
        : told(alone);
    },
  );
  return joined(parts, weight > 0 ? `adds ${String(weight)} while well: ` : '');
}

function together(group: GroupConfig, nodes: Ranked): readonly Saying[] {
  const weighted = group.track.filter(hasWeight);
  return weighted.length < 2
    ? []
    : [joined(bothWays(nodes, (holder) => priorityWithout(holder, group, weighted)).map(told))];
}

/** A file moves the group once what it holds is large enough: from which value on is told for either holder. */
function ofFile(group: GroupConfig, file: TrackConfig, weight: number, nodes: Ranked): Saying {
  // Of the sign that demotes; a value that raises a priority makes its node preferred, not healthier.
  const most = -Math.sign(weight) * MOST_DELTA;
  const parts = bothWays(nodes, ({ full }) => full).map((move) => {
    const when = (value: number): Move => ({
      ...move,
      after: priorityWhen(move.holder, group, [[file, { kind: 'value', value }]]),
    });
    const first = upTo(most).find((value) => moves(when(value)));
    return first === undefined
      ? told(when(most))
      : `when it holds ${String(first)}, ${told(when(first))}`;
  });
  return joined(parts);
}

/** The integers from 1 or -1 to `last`. */
function upTo(last: number): readonly number[] {
  return Array.from(Array(Math.abs(last)).keys(), (index) => Math.sign(last) * (index + 1));
}

function joined(parts: readonly string[], before = ''): Saying {
  const isVain = parts.some((part) => part.includes(NEVER));
  return { severity: isVain ? 'warning' : 'note', text: `${before}${parts.join('; ')}` };
}

/** Files apart: what they hold is anybody's choice. */
function hasWeight({ thing, consequence }: TrackConfig): boolean {
  return consequence.kind === 'weight' && thing.kind !== 'file';
}

function note(text: string): Saying {
  return { severity: 'note', text };
}

function warning(text: string): Saying {
  return { severity: 'warning', text };
}

function error(text: string): Saying {
  return { severity: 'error', text };
}

/** What a file adds at the most; a weight of 1 takes as large a value. */
const MOST_DELTA = 254;
