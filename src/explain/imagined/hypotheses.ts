/** What can fail of a node and of its pair, one thing at a time, and how that is made to happen in thought. */
import { unreachable } from '../../base/unreachable.js';
import type { NodeParams, NodeState } from '../../core/node.js';
import type { Hypothesis } from '../../telemetry/prediction.js';
import type { ImaginedPair, ImaginedStep } from './pair.js';

export interface Names {
  readonly own: string;
  readonly peer: string;
}

/**
 * Those that this node's own state decides about: the other node's power, and everything of its own. What of the other
 * node fails is known better there.
 */
export function hypothesesOf(
  params: NodeParams,
  state: NodeState,
  { own, peer }: Names,
): readonly Hypothesis[] {
  const links = params.groups.flatMap(({ instances }) => instances.map((each) => each.interface));
  const checks = params.groups.flatMap(({ things }) =>
    things.flatMap(({ name, thing }) => (thing.kind === 'proxy' ? [] : [name])),
  );
  const all: readonly Hypothesis[] = [
    { kind: 'power', node: peer, name: undefined },
    ...(state.proxy.name === 'serving'
      ? [{ kind: 'proxy', node: own, name: undefined } as const]
      : []),
    ...[...new Set(links)].map((name) => ({ kind: 'link', node: own, name }) as const),
    { kind: 'channel', node: own, name: undefined },
    ...[...new Set(checks)].map((name) => ({ kind: 'check', node: own, name }) as const),
  ];
  return all.slice(0, MOST_HYPOTHESES);
}

/** Makes it happen, to the first of the two nodes unless it is the other's power. */
export function strike(pair: ImaginedPair, { kind, name }: Hypothesis): readonly ImaginedStep[] {
  const [own, peer] = pair.actors;
  switch (kind) {
    case 'power':
      peer.losePower();
      return [];
    case 'channel':
      pair.breakChannel();
      return [];
    case 'proxy':
      own.loseProxy();
      return [pair.happen(own, { kind: 'proxy', event: { kind: 'connection-ended' } })];
    case 'link':
      own.down.add(name ?? '');
      return places(
        own.params,
        ({ instances }) => instances.map((each) => each.interface),
        name,
      ).map(({ group, index: instance }) =>
        pair.happen(own, { kind: 'link', group, instance, state: 'down' }),
      );
    case 'check':
      return places(own.params, ({ things }) => things.map((each) => each.name), name).flatMap(
        (at) => failing(pair, at),
      );
    default:
      return unreachable(kind);
  }
}

/** Looked at until it counts; a link that has to be down for a while is waited for. */
function failing(pair: ImaginedPair, { group, index }: Place): readonly ImaginedStep[] {
  const [own] = pair.actors;
  const steps: ImaginedStep[] = [];
  const waited = own.params.groups[group]?.things[index]?.thing.kind === 'interface';
  const isFailing = (): boolean =>
    own.state.groups[group]?.trackers[index]?.verdict.kind === 'failing';
  for (let looks = 0; looks < (waited ? 1 : MOST_LOOKS) && !isFailing(); looks += 1) {
    const seen = { kind: 'failing', why: 'as imagined' } as const;
    steps.push(pair.happen(own, { kind: 'sampled', group, index, seen }));
  }
  return steps;
}

interface Place {
  readonly group: number;
  readonly index: number;
}

function places(
  { groups }: NodeParams,
  namesOf: (group: NodeParams['groups'][number]) => readonly string[],
  name: string | undefined,
): readonly Place[] {
  return groups.flatMap((each, group) =>
    namesOf(each).flatMap((found, index) => (found === name ? [{ group, index }] : [])),
  );
}

/** Of one node: more is no answer that anybody reads. */
const MOST_HYPOTHESES = 24;
/** More than any check may ask for before it counts. */
const MOST_LOOKS = 100;
